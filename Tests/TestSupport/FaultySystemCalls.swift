import Glibc
package import SystemCalls

/// Linux's own system calls, of which a test makes one fail, cuts one short, or runs something just
/// before one, as another process might. It keeps a log of all calls, and closes what was left open.
package final class FaultySystemCalls: SystemCalls {
  /// A call as the log keeps it: its name and the path that it is about.
  package struct Call: Sendable, Equatable {
    package let name: String
    package let path: String
  }

  package enum Waiting: Sendable {
    /// A sleep takes its time.
    case real
    /// A sleep ends at once and moves the clocks on by as much. Besides, only what a test sets moves them.
    case skipped
  }

  package enum Syncing: Sendable {
    case real
    /// A sync does nothing, for a test that cuts no power and has many of them.
    case skipped
  }

  private struct State {
    var faults: [SystemCallFault] = []
    var log: [Call] = []
    var paths: [Int32: String] = [:]
    var clockOffset: Int64 = 0
    /// Of the clock that can be set, besides.
    var wallOffset: Int64 = 0
    var clockReadings = 0
  }

  private let linux = LinuxSystemCalls()
  private let waiting: Waiting
  private let syncing: Syncing
  /// What the clocks began with, where they do not go on by themselves.
  private let start: (realtime: Int64, monotonic: Int64)?
  private let state = Monitor(State())

  package init(waiting: Waiting = .real, syncing: Syncing = .real) {
    self.waiting = waiting
    self.syncing = syncing
    start =
      waiting == .skipped ? (linux.realtimeNanoseconds(), linux.monotonicNanoseconds()) : nil
  }

  deinit {
    state.withLock { state in
      for descriptor in state.paths.keys { linux.close(descriptor) }
    }
  }

  // MARK: What a test sets

  /// The next call of that name about such a path fails, or the one of that number from now on.
  package func fail(
    _ name: String? = nil, _ path: String = "", call number: Int = 1, errno: Int32
  ) {
    add(name, path, .only(number), .fail(errno: errno))
  }

  /// Every such call fails until ``heal()``.
  package func failAlways(
    _ name: String? = nil, _ path: String = "", from number: Int = 1, errno: Int32
  ) {
    add(name, path, .from(number), .fail(errno: errno))
  }

  /// The call takes or gives `bytes` bytes at most.
  package func cut(_ name: String, _ path: String = "", call number: Int = 1, to bytes: Int) {
    add(name, path, .only(number), .limit(bytes: bytes))
  }

  package func before(
    _ name: String? = nil, _ path: String = "", call number: Int = 1,
    _ body: @escaping @Sendable () -> Void
  ) {
    add(name, path, .only(number), .first(body))
  }

  /// As ``before(_:_:call:_:)``, every such call.
  package func beforeEvery(
    _ name: String, _ path: String = "", _ body: @escaping @Sendable () -> Void
  ) {
    add(name, path, .from(1), .first(body))
  }

  /// Takes back all that was set.
  package func heal() { state.withLock { $0.faults = [] } }

  /// Moves both clocks.
  package func advance(seconds: Double) {
    state.withLock { $0.clockOffset += Int64(seconds * 1e9) }
  }

  /// Sets the clock that tells the time of day; the other goes on as before.
  package func setClock(secondsAhead: Int) {
    state.withLock { $0.wallOffset = Int64(secondsAhead) * 1_000_000_000 }
  }

  // MARK: What a test looks at

  package var log: [Call] { state.withLock { $0.log } }
  /// How often somebody asked for the time that never jumps.
  package var clockReadings: Int { state.withLock { $0.clockReadings } }
  package func clearLog() { state.withLock { $0.log = [] } }
  package func count(_ name: String, _ path: String = "") -> Int {
    log.count { $0.name == name && (path.isEmpty || $0.path.contains(path)) }
  }
  /// How many descriptors were opened and not closed.
  package var descriptorsOpen: Int { state.withLock { $0.paths.count } }

  // MARK: The seam

  private func add(
    _ name: String?, _ path: String, _ numbers: SystemCallFault.Numbers,
    _ action: SystemCallFault.Action
  ) {
    state.withLock {
      $0.faults.append(
        SystemCallFault(name: name, path: path, numbers: numbers, action: action))
    }
  }

  /// Logs the call, does what was set for it, and returns how many bytes it may take.
  @discardableResult
  private func enter(_ name: String, _ path: String) throws(SystemCallError) -> Int {
    let call = Call(name: name, path: path)
    let actions = state.withLock { state in
      state.log.append(call)
      return state.faults.indices.compactMap { index in
        state.faults[index].fits(call) ? state.faults[index].action : nil
      }
    }
    var limit = Int.max
    for action in actions {
      switch action {
      case .first(let body): body()
      case .limit(let bytes): limit = min(limit, bytes)
      case .fail(let errno): throw SystemCallError(name, path, errno: errno)
      }
    }
    return limit
  }

  @discardableResult
  private func enter(_ name: String, _ descriptor: Int32) throws(SystemCallError) -> Int {
    try enter(name, state.withLock { $0.paths[descriptor] ?? "descriptor \(descriptor)" })
  }

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
    (start?.realtime ?? linux.realtimeNanoseconds())
      + state.withLock { $0.clockOffset + $0.wallOffset }
  }

  package func monotonicNanoseconds() -> Int64 {
    (start?.monotonic ?? linux.monotonicNanoseconds())
      + state.withLock { state in
        state.clockReadings += 1
        return state.clockOffset
      }
  }

  package func sleep(nanoseconds: Int64) {
    switch waiting {
    case .real: linux.sleep(nanoseconds: nanoseconds)
    case .skipped: state.withLock { $0.clockOffset += nanoseconds }
    }
  }

  package func random() -> UInt64 { linux.random() }
}
