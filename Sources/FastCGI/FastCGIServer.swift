private import CFastCGI
private import CLinux
import Glibc
package import SystemCalls

/// Serves FastCGI requests from a listening socket by worker threads. A connection that waits for a request has none: the
/// kernel names it to a free worker when one comes. A worker has a request from its first byte until its answer is given
/// or left to somebody else. ``stop()`` loses nothing: requests in hand are finished and answered, and so are those that
/// have reached this process.
package final class FastCGIServer: Sendable {
  /// Answers a request by one call of `reply`: at once, or later and from any thread.
  package typealias Responder =
    @Sendable (_ request: any Request, _ reply: @escaping Reply) -> Void
  package typealias Reply = @Sendable (Response) -> Void

  struct State {
    var count: WorkerCount
    var threads: [WorkerThread] = []
    var failure: SystemCallError?
    var isStopping = false
  }

  /// How often it is looked for silent peers.
  private static let lookNanoseconds: Int64 = 1_000_000_000
  /// How long no worker may become free where none is.
  private static let shortNanoseconds: Int64 = 5_000_000
  /// What a peer gets, where there is nobody or nothing left for others, to send a request whole, or to begin another.
  static let scarceNanosecondsMax: Int64 = 10_000_000_000

  /// What is polled besides connections, which are counted on from here.
  static let listenerNumber: UInt64 = 0
  static let leaveNumber: UInt64 = 1

  let settings: Settings
  let system: any SystemCalls
  private let respond: Responder
  let report: @Sendable (Event) -> Void
  let state: Monitor<State>
  let poll: EventPoll
  let connections: Connections
  /// Who accepts holds this.
  let acceptor: Monitor<Acceptor>
  /// Set when no worker is free.
  private let shortage: WakeUp
  private let stopping: Latch
  /// Open when the workers are to end.
  private let leaving: Latch

  package init(
    _ listener: Listener, settings: Settings, system: any SystemCalls,
    report: @escaping @Sendable (Event) -> Void,
    respond: @escaping Responder
  ) throws(SystemCallError) {
    self.settings = settings
    self.system = system
    self.respond = respond
    self.report = report
    state = Monitor(
      State(count: WorkerCount(initial: settings.workers, max: settings.workersMax)))
    acceptor = Monitor(Acceptor(listener: listener))
    poll = try EventPoll()
    connections = try Connections()
    shortage = try WakeUp()
    stopping = try Latch()
    leaving = try Latch()
    try poll.add(listener.descriptor, number: Self.listenerNumber, for: .readable)
    try poll.add(leaving.descriptor, number: Self.leaveNumber, for: .readable)
    // Once a process. It also sets handlers for signals, which no thread here ever takes.
    FCGX_Init()
    // A peer that is gone is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    // A request's memory is given back by another thread than took it: the eight arenas for each processor that there may be
    // would keep their most each (11 MB and not 7 with 64 connections).
    clinux_limit_arenas(2)
  }

  /// Serves until ``stop()`` is called, then finishes what is in hand.
  package func run() -> Ending {
    for _ in 0..<settings.workers { startWorker() }
    watch(until: stopping)
    guard finish() else { return .abandoned(requests: connections.count) }
    join()
    return state.withLock { $0.failure }.map(Ending.failed) ?? .stopped
  }

  /// Has the workers end, once they have finished what they are at.
  func join() {
    leaving.open()
    for thread in state.withLock({ $0.threads }) { thread.join() }
  }

  /// May be called from any thread and more than once.
  package func stop() {
    state.withLock { $0.isStopping = true }
    stopping.open()
  }

  /// Sees that workers are enough and that silent peers are ended until `latch` opens, or returns false after the time.
  @discardableResult
  private func watch(until latch: Latch, milliseconds: Int32? = nil) -> Bool {
    let begin = system.monotonicNanoseconds()
    let end = milliseconds.map { begin + Int64($0) * 1_000_000 } ?? .max
    var next = begin
    // Perhaps since before.
    var isShort = true
    while true {
      let now = system.monotonicNanoseconds()
      if now >= next {
        endSilent(now)
        next = now + Self.lookNanoseconds
      }
      let nanoseconds = min(isShort ? Self.shortNanoseconds : next - now, end - now)
      // Rounded up, or the last part of a millisecond would be spent in turns without a wait.
      switch latch.wait(
        with: shortage.descriptor, milliseconds: Int32(max(0, nanoseconds + 999_999) / 1_000_000))
      {
      case .opened, .readable(opened: true): return true
      case .readable:
        shortage.clear()
        isShort = true
      case .timedOut:
        if isShort { isShort = relieve() }
        if system.monotonicNanoseconds() >= end { return false }
      }
    }
  }

  /// Returns whether it has to be looked again.
  private func relieve() -> Bool {
    switch state.withLock({ $0.count.look() }) {
    case .enough: return false
    case .again: break
    case .start: startWorker()
    }
    return true
  }

  private func endSilent(_ now: Int64) {
    connections.end(
      PeerWait.Kind.allCases, since: now - Int64(settings.silenceSecondsMax) * 1_000_000_000)
    if state.withLock({ $0.count.free == 0 }) {
      connections.endLongest([.request, .answer], since: now - Self.scarceNanosecondsMax)
    }
  }

  /// Returns whether all requests were answered in time.
  private func finish() -> Bool {
    let milliseconds = Int32(settings.stopSecondsMax * 1000)
    let first = min(settings.lastAcceptMilliseconds, milliseconds)
    acceptLast()
    connections.end([.idle])
    if watch(until: connections.over, milliseconds: first) { return true }
    connections.end([.opening, .idle])
    return watch(until: connections.over, milliseconds: milliseconds - first)
  }

  // MARK: Workers

  /// Starts a worker that is counted already.
  private func startWorker() {
    do throws(SystemCallError) {
      let thread = try WorkerThread(name: "fastcgi") { self.work() }
      state.withLock { $0.threads.append(thread) }
    } catch {
      let total = state.withLock { state in
        state.count.startFailed()
        if state.count.total == 0 { state.failure = error }
        return state.count.total
      }
      report(.workersLimited(to: total, error))
      if total == 0 {
        stop()
        connections.over.open()
      }
    }
  }

  private func work() {
    while true {
      let number = poll.next()
      if state.withLock({ $0.count.take() }) { shortage.set() }
      switch number {
      case Self.listenerNumber: accept()
      case Self.leaveNumber: return poll.arm(leaving.descriptor, number: number, for: .readable)
      default: connections[number].map(serve)
      }
      state.withLock { $0.count.release() }
    }
  }

  func serve(_ connection: FastCGIConnection) {
    switch connection.wait.takeUp() {
    case nil: connections.end(connection)
    case .room: connection.sendUnsent()
    default:
      if connection.readRequest() {
        respond(connection) { connection.reply($0) }
      } else {
        connections.end(connection)
      }
    }
  }

  func goOn(_ connection: FastCGIConnection, _ turn: FastCGIConnection.Turn) {
    switch turn {
    case .request:
      // In this order: either who stops sees that this connection is idle and shuts it, or it is seen here that the server
      // stops. A request that has come by then is served.
      connection.wait.begin(.idle)
      let isStopping = state.withLock { $0.isStopping }
      if isStopping, !connection.isReadable { return connections.end(connection) }
      arm(connection, for: .readable)
    case .answer:
      connection.wait.begin(.room)
      arm(connection, for: .writable)
    case .end: connections.end(connection)
    }
  }

  /// Has a worker told when there is something to do for a connection, which nobody has in hand from now on.
  func arm(_ connection: FastCGIConnection, for event: EventPoll.Event) {
    do throws(SystemCallError) {
      try connection.arm(in: poll, for: event)
    } catch {
      report(.acceptPutOff(error))
      connections.end(connection)
    }
  }
}
