import Glibc
import SystemCalls

/// Linux's own system calls, of which a test makes one fail, cuts one short, or runs something just
/// before one, as another process might. It keeps a log of all calls, and closes what was left open.
package final class FaultySystemCalls: Sendable {
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
    /// A sleep lasts until the others who share the time sleep longer.
    case shared(SharedTime)
  }

  package enum Syncing: Sendable {
    case real
    /// A sync does nothing, for a test that cuts no power and has many of them.
    case skipped
  }

  struct State {
    var faults: [SystemCallFault] = []
    var log: [Call] = []
    var paths: [Int32: String] = [:]
    var clockOffset: Int64 = 0
    /// Of the clock that can be set, besides.
    var wallOffset: Int64 = 0
    var clockReadings = 0
  }

  let linux = LinuxSystemCalls()
  let waiting: Waiting
  let syncing: Syncing
  /// What the clocks began with, where they do not go on by themselves.
  let start: (realtime: Int64, monotonic: Int64)?
  let state = Monitor(State())

  package init(waiting: Waiting = .real, syncing: Syncing = .real) {
    self.waiting = waiting
    self.syncing = syncing
    start =
      switch waiting {
      case .real: nil
      case .skipped: (linux.realtimeNanoseconds(), linux.monotonicNanoseconds())
      case .shared(let time): time.start
      }
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
  func enter(_ name: String, _ path: String) throws(SystemCallError) -> Int {
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
  func enter(_ name: String, _ descriptor: Int32) throws(SystemCallError) -> Int {
    try enter(name, state.withLock { $0.paths[descriptor] ?? "descriptor \(descriptor)" })
  }
}
