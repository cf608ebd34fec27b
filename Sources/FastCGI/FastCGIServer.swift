private import CFastCGI
import Glibc
package import SystemCalls

/// Serves FastCGI requests from a listening socket, each by a worker thread that does nothing else
/// meanwhile. ``stop()`` loses nothing: requests in hand are finished and answered, and so are those that
/// have reached this process.
package final class FastCGIServer: Sendable {
  package struct Settings: Sendable {
    /// Workers that are there from the start.
    package var workers = 64
    /// Workers that there are at most.
    package var workersMax = 1024
    /// How long a peer may take for a request's head, for each 64 KiB of its body and for the answer, and a connection stay
    /// without a request: longer than a web server keeps it so (nginx 60 s unless it is told otherwise), which is the one to
    /// close it.
    package var silenceSecondsMax = 75
    /// How long the requests in hand may take once ``FastCGIServer/stop()`` is called.
    package var stopSecondsMax = 30
    /// How often it is looked for what nobody is woken up for: silent peers, and an answer that is left to its worker.
    package var lookMilliseconds: Int32 = 1000

    package init() {}
  }

  /// What the operator of a server may want to know while it runs.
  package enum Event: Sendable {
    /// No room for one more connection: tried again ten times a second.
    case acceptPutOff(SystemCallError)
    /// The system allows no more worker threads than these.
    case workersLimited(to: Int, SystemCallError)
  }

  /// How ``run()`` ended.
  package enum Ending: Sendable {
    case stopped
    /// So many workers had not finished within ``Settings/stopSecondsMax``.
    case abandoned(workers: Int)
    case failed(SystemCallError)
  }

  /// Answers a request by one call of `reply`: at once, or later and from any thread.
  package typealias Responder =
    @Sendable (_ request: any Request, _ reply: @escaping Reply) -> Void
  package typealias Reply = @Sendable (Response) -> Void

  private struct State {
    var count: WorkerCount
    var threads: [WorkerThread] = []
    var failure: SystemCallError?
    /// When to leave waiting connections alone, by the monotonic clock; nil while not stopping.
    var acceptNanosecondsMax: Int64?
  }

  /// How long connections that wait already are still accepted while stopping: others that come without
  /// end must not keep the process.
  private static let lastAcceptSecondsMax: Int64 = 1

  /// A web server sends its request as soon as it has connected.
  private static let firstRequestMilliseconds: Int32 = 200

  private let settings: Settings
  private let system: any SystemCalls
  private let respond: Responder
  private let report: @Sendable (Event) -> Void
  private let state: Monitor<State>
  /// Whoever holds this waits for the next connection; nil once there is nothing more to accept.
  private let acceptor: Monitor<Listener?>
  private let waits = PeerWaits()
  private let stopping: Latch
  private let finished: Latch

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
    acceptor = Monitor(listener)
    stopping = try Latch()
    finished = try Latch()
    // Once a process. It also sets handlers for signals, which no thread here ever takes.
    FCGX_Init()
    // A peer that is gone is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Serves until ``stop()`` is called, then finishes what is in hand.
  package func run() -> Ending {
    for _ in 0..<settings.workers { startWorker() }
    let silence = Int64(settings.silenceSecondsMax) * 1_000_000_000
    while stopping.wait(milliseconds: settings.lookMilliseconds) == .timedOut {
      waits.endAll(since: system.monotonicNanoseconds() - silence)
      // Requests that were begun may have become long ones, with nobody left to accept and see it.
      makeRoom()
    }
    let milliseconds = Int32(settings.stopSecondsMax * 1000)
    let ended = finished.wait(milliseconds: milliseconds) == .opened
    let (total, failure) = state.withLock { ($0.count.total, $0.failure) }
    guard ended else { return .abandoned(workers: total) }
    join()
    return failure.map(Ending.failed) ?? .stopped
  }

  /// Waits for workers that have finished or, after ``Ending/abandoned(workers:)``, will.
  func join() {
    for thread in state.withLock({ $0.threads }) { thread.join() }
  }

  /// May be called from any thread and more than once.
  package func stop() {
    state.withLock { state in
      guard state.acceptNanosecondsMax == nil else { return }
      state.acceptNanosecondsMax =
        system.monotonicNanoseconds() + Self.lastAcceptSecondsMax * 1_000_000_000
    }
    stopping.open()
    waits.endIdle()
  }

  // MARK: Workers

  /// Starts a worker that is counted already.
  private func startWorker() {
    do throws(SystemCallError) {
      let thread = try WorkerThread(name: "fastcgi") { self.work() }
      state.withLock { $0.threads.append(thread) }
    } catch {
      let (total, none) = state.withLock { state in
        state.count.startFailed()
        if state.count.total == 0 { state.failure = error }
        return (state.count.total, state.count.total == 0)
      }
      report(.workersLimited(to: total, error))
      if none {
        stop()
        finished.open()
      }
    }
  }

  private func work() {
    while let descriptor = acceptor.withLock({ accept(from: &$0) }) {
      let wait = PeerWait(descriptor: descriptor, system)
      waits.add(wait)
      let connection = FastCGIConnection(wait, lookMilliseconds: settings.lookMilliseconds) {
        self.mayGoOn($0, wait)
      }
      serve(connection, wait)
      waits.remove(wait)
      connection.end()
      state.withLock { $0.count.release() }
    }
    let last = state.withLock { state in
      state.count.leave()
      return state.count.total == 0
    }
    if last { finished.open() }
  }

  private func serve(_ connection: FastCGIConnection, _ wait: PeerWait) {
    guard awaitFirstRequest(on: connection) else { return }
    wait.begin(.request)
    while connection.readRequest() {
      respond(connection) { connection.reply($0) }
      guard connection.awaitAnswer(), connection.awaitRequest() else { return }
    }
  }

  /// Whether to wait for another request on this connection, from now on. While stopping, one that has come is served.
  private func mayGoOn(_ connection: FastCGIConnection, _ wait: PeerWait) -> Bool {
    // In this order: either ``stop()`` sees that this connection is idle and ends it, or it is seen here that the server stops.
    wait.begin(.idle)
    let (mayKeep, isStopping) = state.withLock { state in
      (state.count.mayKeepConnections, state.acceptNanosecondsMax != nil)
    }
    return mayKeep && (!isStopping || connection.isReadable(within: 0))
  }

  /// While stopping, what was accepted has a moment left to send what it was opened for. So it has when no worker is free.
  private func awaitFirstRequest(on connection: FastCGIConnection) -> Bool {
    let end = system.monotonicNanoseconds() + Int64(settings.silenceSecondsMax) * 1_000_000_000
    while true {
      switch stopping.wait(
        with: connection.descriptor, milliseconds: Self.firstRequestMilliseconds)
      {
      case .readable: return true
      case .opened: return connection.isReadable(within: Int32(Self.lastAcceptSecondsMax * 1000))
      case .timedOut:
        let isNeeded = state.withLock { $0.count.free == 0 }
        if isNeeded || system.monotonicNanoseconds() >= end { return false }
      }
    }
  }

  /// When no worker is free and there can be no more, one that only waits for its peer becomes free.
  private func makeRoom() {
    guard state.withLock({ $0.count.free == 0 }) else { return }
    waits.endLongest(now: system.monotonicNanoseconds())
  }

  // MARK: Accepting

  private func accept(from listener: inout Listener?) -> Int32? {
    while let open = listener {
      switch stopping.wait(with: open.descriptor) {
      case .readable(opened: true) where isPastLastAccept(open): listener = nil
      case .readable:
        if let descriptor = take(open) { return descriptor }
      case .opened, .timedOut: listener = nil
      }
    }
    return nil
  }

  /// The first worker to come here while stopping also sees to it that no new connections come.
  private func isPastLastAccept(_ listener: Listener) -> Bool {
    listener.retire()
    let latest = state.withLock { $0.acceptNanosecondsMax }
    return system.monotonicNanoseconds() > latest ?? .max
  }

  private func take(_ listener: Listener) -> Int32? {
    switch listener.accept() {
    case .connection(let descriptor):
      if state.withLock({ $0.count.take() }) { startWorker() }
      makeRoom()
      return descriptor
    case .gone: return nil
    case .exhausted(let error):
      report(.acceptPutOff(error))
      system.sleep(nanoseconds: 100_000_000)
      return nil
    case .failed(let error):
      state.withLock { $0.failure = error }
      stop()
      return nil
    }
  }
}
