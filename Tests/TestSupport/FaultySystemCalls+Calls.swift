import Glibc
package import SystemCalls

/// The calls themselves: each is logged, does what was set for it, and is Linux's.
extension FaultySystemCalls: SystemCalls {
  package func open(
    _ path: String, _ flags: Int32, mode: UInt32
  ) throws(SystemCallError) -> Int32 {
    try enter("open", path)
    let descriptor = try linux.open(path, flags, mode: mode)
    state.withLock { $0.paths[descriptor] = path }
    return descriptor
  }

  package func close(_ descriptor: Int32) {
    state.withLock { state in
      guard let path = state.paths.removeValue(forKey: descriptor) else {
        fatalError("a descriptor is closed that is not open: \(descriptor)")
      }
      state.log.append(Call(name: "close", path: path))
    }
    linux.close(descriptor)
  }

  package func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int {
    let limit = try enter("pread", descriptor)
    return try linux.pread(
      descriptor, appendingTo: &buffer, count: min(count, limit), at: offset)
  }

  package func write(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int {
    let limit = try enter("write", descriptor)
    return try linux.write(descriptor, bytes.extracting(first: min(bytes.count, limit)))
  }

  package func fsync(_ descriptor: Int32) throws(SystemCallError) {
    try enter("fsync", descriptor)
    if syncing == .real { try linux.fsync(descriptor) }
  }

  package func fdatasync(_ descriptor: Int32) throws(SystemCallError) {
    try enter("fdatasync", descriptor)
    if syncing == .real { try linux.fdatasync(descriptor) }
  }

  package func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError) {
    try enter("ftruncate", descriptor)
    try linux.ftruncate(descriptor, to: bytes)
  }

  package func fallocate(
    _ descriptor: Int32, at offset: Int, count: Int
  ) throws(SystemCallError) {
    try enter("fallocate", descriptor)
    try linux.fallocate(descriptor, at: offset, count: count)
  }

  package func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus {
    try enter("fstat", descriptor)
    return try linux.fstat(descriptor)
  }

  package func stat(_ path: String) throws(SystemCallError) -> FileStatus {
    try enter("stat", path)
    return try linux.stat(path)
  }

  package func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int {
    try enter("lstat", path)
    return try linux.modifiedSeconds(path)
  }

  package func lstat(_ path: String) throws(SystemCallError) -> FileStatus {
    try enter("lstat", path)
    return try linux.lstat(path)
  }

  package func flock(_ descriptor: Int32) throws(SystemCallError) -> Bool {
    try enter("flock", descriptor)
    return try linux.flock(descriptor)
  }

  package func unlock(_ descriptor: Int32) throws(SystemCallError) {
    try enter("unlock", descriptor)
    try linux.unlock(descriptor)
  }

  package func rename(_ from: String, to: String) throws(SystemCallError) {
    try enter("rename", to)
    try linux.rename(from, to: to)
  }

  package func unlink(_ path: String) throws(SystemCallError) {
    try enter("unlink", path)
    try linux.unlink(path)
  }

  package func symlink(_ target: String, at path: String) throws(SystemCallError) {
    try enter("symlink", path)
    try linux.symlink(target, at: path)
  }

  package func readlink(_ path: String) throws(SystemCallError) -> String {
    try enter("readlink", path)
    return try linux.readlink(path)
  }

  package func mkdir(_ path: String, mode: UInt32) throws(SystemCallError) {
    try enter("mkdir", path)
    try linux.mkdir(path, mode: mode)
  }

  package func chmod(_ descriptor: Int32, mode: UInt32) throws(SystemCallError) {
    try enter("chmod", descriptor)
    try linux.chmod(descriptor, mode: mode)
  }

  package func list(_ path: String) throws(SystemCallError) -> [String] {
    try enter("list", path)
    return try linux.list(path)
  }

  // MARK: Time and chance

  package func realtimeNanoseconds() -> Int64 {
    (start?.realtime ?? linux.realtimeNanoseconds()) + timeShared
      + state.withLock { $0.clockOffset + $0.wallOffset }
  }

  package func monotonicNanoseconds() -> Int64 {
    (start?.monotonic ?? linux.monotonicNanoseconds()) + timeShared
      + state.withLock { state in
        state.clockReadings += 1
        return state.clockOffset
      }
  }

  private var timeShared: Int64 {
    if case .shared(let time) = waiting { time.nanoseconds } else { 0 }
  }

  package func sleep(nanoseconds: Int64) {
    switch waiting {
    case .real: linux.sleep(nanoseconds: nanoseconds)
    case .skipped: state.withLock { $0.clockOffset += nanoseconds }
    case .shared(let time): time.sleep(nanoseconds: nanoseconds)
    }
  }

  package func random() -> UInt64 { linux.random() }
}
