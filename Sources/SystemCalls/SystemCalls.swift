import Glibc

/// Every system call by which data can be lost, and the three sources of what a program cannot know by
/// itself: time, chance and waiting. The programs hold a ``LinuxSystemCalls``; a test holds one that
/// fails call number N, cuts it short, or forgets at a power cut what was not synced.
package protocol SystemCalls: Sendable {
  func open(_ path: String, _ flags: Int32, mode: UInt32) throws(SystemCallError) -> Int32
  func close(_ descriptor: Int32)
  /// At most `count` bytes appended to `buffer`, from `offset`. Returns 0 at the end of the file.
  func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int
  /// Returns how many of `bytes` were taken, which may be fewer than all.
  func write(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int
  func fsync(_ descriptor: Int32) throws(SystemCallError)
  func fdatasync(_ descriptor: Int32) throws(SystemCallError)
  func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError)
  /// Reserves space without changing the file's size (`FALLOC_FL_KEEP_SIZE`).
  func fallocate(_ descriptor: Int32, at offset: Int, count: Int) throws(SystemCallError)
  func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus
  /// Follows symbolic links.
  func stat(_ path: String) throws(SystemCallError) -> FileStatus
  /// Does not follow a symbolic link.
  func lstat(_ path: String) throws(SystemCallError) -> FileStatus
  /// When it was written to last, in seconds since 1970; by `lstat` as well. A look at a file's times makes the next write to
  /// it dearer.
  func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int
  /// Takes the lock if it is free; returns whether it was.
  func flock(_ descriptor: Int32) throws(SystemCallError) -> Bool
  func unlock(_ descriptor: Int32) throws(SystemCallError)
  func rename(_ from: String, to: String) throws(SystemCallError)
  func unlink(_ path: String) throws(SystemCallError)
  func symlink(_ target: String, at path: String) throws(SystemCallError)
  func readlink(_ path: String) throws(SystemCallError) -> String
  func mkdir(_ path: String, mode: UInt32) throws(SystemCallError)
  func chmod(_ descriptor: Int32, mode: UInt32) throws(SystemCallError)
  /// The names in a directory, without `.` and `..`, in no order.
  func list(_ path: String) throws(SystemCallError) -> [String]

  /// Nanoseconds since 1970, by the clock on the wall, which may jump.
  func realtimeNanoseconds() -> Int64
  /// Nanoseconds by a clock that never jumps.
  func monotonicNanoseconds() -> Int64
  func sleep(nanoseconds: Int64)
  func random() -> UInt64
}

/// What `fstat`, `stat` and `lstat` tell, as far as anybody here asks.
package struct FileStatus: Sendable {
  package var size: Int
  /// Bytes the file takes on disk, with what is reserved beyond its end.
  package var allocated: Int
  package var links: Int
  package var inode: UInt64
  package var mode: UInt32

  package init(size: Int, allocated: Int, links: Int, inode: UInt64, mode: UInt32) {
    self.size = size
    self.allocated = allocated
    self.links = links
    self.inode = inode
    self.mode = mode
  }

  package var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
  package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
}
