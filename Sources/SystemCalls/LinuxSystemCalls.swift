private import CLinux
import Glibc

/// The seam's other side: each function is its system call, begun again on `EINTR`.
package struct LinuxSystemCalls: SystemCalls {
  package init() {}

  package func open(
    _ path: String, _ flags: Int32, mode: UInt32
  ) throws(SystemCallError) -> Int32 {
    try retried("open", path) { unsafe Glibc.open(path, flags | O_CLOEXEC, mode) }
  }

  package func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }

  package func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int {
    var result = 0
    var failure: Int32 = 0
    buffer.append(addingCapacity: count) { room in
      unsafe room.withUnsafeMutableBufferPointer { bytes, initialized in
        result = repeating {
          unsafe Glibc.pread(descriptor, bytes.baseAddress, count, off_t(offset))
        }
        failure = errno
        initialized = max(result, 0)
      }
    }
    guard result >= 0 else { throw SystemCallError("pread", name(descriptor), errno: failure) }
    return result
  }

  package func write(
    _ descriptor: Int32, _ bytes: Span<UInt8>
  ) throws(SystemCallError) -> Int {
    let result = unsafe bytes.withUnsafeBufferPointer { bytes in
      repeating { unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    }
    guard result >= 0 else { throw SystemCallError("write", name(descriptor)) }
    return result
  }

  package func fsync(_ descriptor: Int32) throws(SystemCallError) {
    try retried("fsync", descriptor) { Glibc.fsync(descriptor) }
  }

  package func fdatasync(_ descriptor: Int32) throws(SystemCallError) {
    try retried("fdatasync", descriptor) { Glibc.fdatasync(descriptor) }
  }

  package func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError) {
    try retried("ftruncate", descriptor) { Glibc.ftruncate(descriptor, off_t(bytes)) }
  }

  package func fallocate(
    _ descriptor: Int32, at offset: Int, count: Int
  ) throws(SystemCallError) {
    try retried("fallocate", descriptor) {
      clinux_fallocate_keep_size(descriptor, off_t(offset), off_t(count))
    }
  }

  package func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus {
    var status = Glibc.stat()
    try retried("fstat", descriptor) { unsafe Glibc.fstat(descriptor, &status) }
    return FileStatus(status)
  }

  package func stat(_ path: String) throws(SystemCallError) -> FileStatus {
    var status = clinux_status()
    try retried("stat", path) {
      unsafe path.withCString { unsafe clinux_stat_without_times($0, &status) }
    }
    return FileStatus(
      size: status.size, allocated: status.blocks * 512, links: Int(status.links),
      inode: UInt64(status.inode), mode: status.mode)
  }

  package func lstat(_ path: String) throws(SystemCallError) -> FileStatus {
    FileStatus(try statusOfName(path))
  }

  package func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int {
    try statusOfName(path).st_mtim.tv_sec
  }

  private func statusOfName(_ path: String) throws(SystemCallError) -> stat {
    var status = Glibc.stat()
    try retried("lstat", path) { unsafe Glibc.lstat(path, &status) }
    return status
  }

  package func flock(_ descriptor: Int32) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      try retried("flock", descriptor) { flockCall(descriptor, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      guard error.errno == EWOULDBLOCK else { throw error }
      return false
    }
  }

  package func unlock(_ descriptor: Int32) throws(SystemCallError) {
    try retried("flock", descriptor) { flockCall(descriptor, LOCK_UN) }
  }

  package func rename(_ from: String, to: String) throws(SystemCallError) {
    try retried("rename", to) { unsafe Glibc.rename(from, to) }
  }

  package func unlink(_ path: String) throws(SystemCallError) {
    try retried("unlink", path) { unsafe Glibc.unlink(path) }
  }

  package func symlink(_ target: String, at path: String) throws(SystemCallError) {
    try retried("symlink", path) { unsafe Glibc.symlink(target, path) }
  }

  package func readlink(_ path: String) throws(SystemCallError) -> String {
    try unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) {
      buffer throws(SystemCallError) -> String in
      let length = unsafe Glibc.readlink(path, buffer.baseAddress!, buffer.count)
      guard length >= 0 else { throw SystemCallError("readlink", path) }
      return unsafe String(
        decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length]),
        as: UTF8.self)
    }
  }

  package func mkdir(_ path: String, mode: UInt32) throws(SystemCallError) {
    try retried("mkdir", path) { unsafe Glibc.mkdir(path, mode) }
  }

  package func chmod(_ descriptor: Int32, mode: UInt32) throws(SystemCallError) {
    try retried("fchmod", descriptor) { Glibc.fchmod(descriptor, mode) }
  }

  package func list(_ path: String) throws(SystemCallError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw SystemCallError("opendir", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else { break }
      // The entry is as long as its name, not as the C type: it is not to be copied whole.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let bytes = unsafe UnsafeRawPointer(entry) + offset
      let name = unsafe String(cString: bytes.assumingMemoryBound(to: CChar.self))
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw SystemCallError("readdir", path) }
    return names
  }

  package func realtimeNanoseconds() -> Int64 { nanoseconds(CLOCK_REALTIME) }
  package func monotonicNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

  package func sleep(nanoseconds: Int64) {
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    unsafe nanosleep(&time, nil)
  }

  package func random() -> UInt64 {
    var value: UInt = 0
    guard repeating({ unsafe clinux_random(&value) }) == 0 else {
      fatalError("unable to getrandom: the kernel is older than 3.17, or forbids it")
    }
    return UInt64(value)
  }

  private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private func repeating<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result != -1 || errno != EINTR { return result }
    }
  }

  private func retried(_ name: String, _ descriptor: Int32, _ call: () -> Int32)
    throws(SystemCallError)
  {
    if repeating(call) == -1 { throw SystemCallError(name, self.name(descriptor)) }
  }

  @discardableResult
  private func retried(_ name: String, _ path: String, _ call: () -> Int32)
    throws(SystemCallError) -> Int32
  {
    let result = repeating(call)
    if result == -1 { throw SystemCallError(name, path) }
    return result
  }

  /// What an error says instead of a number, found only when there is an error to say.
  private func name(_ descriptor: Int32) -> String {
    let failure = errno
    defer { errno = failure }
    return (try? readlink("/proc/self/fd/\(descriptor)")) ?? "descriptor \(descriptor)"
  }
}

extension FileStatus {
  init(_ status: Glibc.stat) {
    self.init(
      size: Int(status.st_size), allocated: Int(status.st_blocks) * 512,
      links: Int(status.st_nlink), inode: UInt64(status.st_ino), mode: status.st_mode)
  }
}

/// The call; by its plain name Swift finds the struct of `fcntl`.
private let flockCall: @Sendable (Int32, Int32) -> Int32 = flock
