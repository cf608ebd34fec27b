import Glibc
import SystemCalls

/// A file system that says yes to everything and keeps little of it: locks exclude nobody, appends go to the beginning,
/// syncs do nothing, space is not reserved, renames leave the file as it was, and its clock is an hour off. A microsecond
/// passes whenever somebody asks for the time.
struct CarelessFileSystem: SystemCalls {
  /// Otherwise it says that it reserves nothing.
  private let pretendsToReserve: Bool
  private let real = LinuxSystemCalls()
  private let time = Monitor<Int64>(0)

  init(pretendsToReserve: Bool = false) { self.pretendsToReserve = pretendsToReserve }

  func open(_ path: String, _ flags: Int32, mode: mode_t) throws(SystemCallError) -> Int32 {
    try real.open(path, flags & ~O_APPEND, mode: mode)
  }
  func close(_ descriptor: Int32) { real.close(descriptor) }
  func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int {
    try real.pread(descriptor, appendingTo: &buffer, count: count, at: offset)
  }
  func write(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int {
    try real.write(descriptor, bytes)
  }
  func fsync(_ descriptor: Int32) throws(SystemCallError) {}
  func fdatasync(_ descriptor: Int32) throws(SystemCallError) {}
  func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError) {
    try real.ftruncate(descriptor, to: bytes)
  }
  func fallocate(_ descriptor: Int32, at offset: Int, count: Int) throws(SystemCallError) {
    if !pretendsToReserve { throw SystemCallError("fallocate", "", errno: EOPNOTSUPP) }
  }
  func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus {
    try real.fstat(descriptor)
  }
  func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int {
    try real.modifiedSeconds(path) + 3600
  }
  func stat(_ path: String) throws(SystemCallError) -> FileStatus { try real.stat(path) }
  func lstat(_ path: String) throws(SystemCallError) -> FileStatus { try real.lstat(path) }
  func flock(_ descriptor: Int32) throws(SystemCallError) -> Bool { true }
  func unlock(_ descriptor: Int32) throws(SystemCallError) {}
  func rename(_ from: String, to: String) throws(SystemCallError) {}
  func unlink(_ path: String) throws(SystemCallError) { try real.unlink(path) }
  func symlink(_ target: String, at path: String) throws(SystemCallError) {
    try real.symlink(target, at: path)
  }
  func readlink(_ path: String) throws(SystemCallError) -> String { try real.readlink(path) }
  func mkdir(_ path: String, mode: mode_t) throws(SystemCallError) {
    try real.mkdir(path, mode: mode)
  }
  func chmod(_ descriptor: Int32, mode: mode_t) throws(SystemCallError) {
    try real.chmod(descriptor, mode: mode)
  }
  func list(_ path: String) throws(SystemCallError) -> [String] { try real.list(path) }
  func realtimeNanoseconds() -> Int64 { real.realtimeNanoseconds() }
  func monotonicNanoseconds() -> Int64 {
    time.withLock { time in
      time += 1000
      return time
    }
  }
  func sleep(nanoseconds: Int64) { real.sleep(nanoseconds: nanoseconds) }
  func random() -> UInt64 { real.random() }
}
