import Destinations
import Glibc
import Logging
import Spool
import SystemCalls

/// Runs a sender: holds the spool's lock, starts a lane for each destination, looks after the spool meanwhile (rescued
/// bodies, delivered segments), and stops them all on a signal.
struct Supervisor {
  private let settings: SenderSettings
  private let mode: Lane.Mode
  /// Where the figures go; nil: nowhere.
  private let metrics: String?
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private let log = Logger(label: "notice-sender") { StreamLogHandler.standardError(label: $0) }

  /// How often the spool is looked after.
  private static let choresMilliseconds = 1000
  private static let laneStackBytes = 1 << 20
  private static let metricsMilliseconds: Int64 = 15_000

  init(
    _ settings: SenderSettings, mode: Lane.Mode, metrics: String? = nil,
    _ system: any SystemCalls = LinuxSystemCalls()
  ) {
    self.settings = settings
    self.mode = mode
    self.metrics = metrics
    self.system = system
    directory = SpoolDirectory(settings.spool)
  }

  /// Returns whether nothing is pending.
  func run() throws -> Bool {
    StopSignals.block()
    try directory.create(system)
    let lock = try SenderLock.acquire(directory, system)
    let isDrained = try supervise()
    lock.release()
    return isDrained
  }

  private func supervise() throws -> Bool {
    let stop = try Latch()
    var chores = SpoolChores(directory, settings.archive, system, log)
    if mode == .once { while chores.takeRescued() {} }

    let lanes = try start(stop)
    var figures = metrics.map { MetricsFile($0, directory, system) }
    var figuresDue = Int64.min
    log.info(
      "delivers \(settings.spool) to \(settings.destinations.map(\.name).joined(separator: ", "))")
    while !lanes.allSatisfy({ $0.report.withLock(\.isEnded) }) {
      if let signal = StopSignals.wait(milliseconds: mode == .once ? 20 : Self.choresMilliseconds) {
        log.info("stops on signal \(signal)")
        stop.open()
        break
      }
      if mode == .run { chores.run(lanes.map { $0.report.withLock(\.segmentNeeded) }) }
      let now = system.monotonicNanoseconds() / 1_000_000
      if now >= figuresDue {
        write(&figures, lanes, chores)
        figuresDue = now + Self.metricsMilliseconds
      }
    }
    for lane in lanes { lane.thread.join() }
    chores.run(lanes.map { $0.report.withLock(\.segmentNeeded) })
    write(&figures, lanes, chores)
    let pending = lanes.filter { !$0.report.withLock(\.isDrained) }.map(\.name)
    if !pending.isEmpty { log.notice("still pending for \(pending.joined(separator: ", "))") }
    return pending.isEmpty
  }

  private func write(
    _ figures: inout MetricsFile?, _ lanes: [RunningLane], _ chores: SpoolChores
  ) {
    do {
      try figures?.write(
        lanes.map { MetricsFile.Lane(name: $0.name, report: $0.report.withLock { $0 }) },
        rescued: chores.rescued)
    } catch {
      log.error("unable to write the figures: \(error)")
    }
  }

  private struct RunningLane {
    let name: String
    let thread: WorkerThread
    let report: Monitor<LaneReport>
  }

  private func start(_ stop: Latch) throws -> [RunningLane] {
    let damage = DamageLog(directory, system, log)
    return try settings.destinations.map { destination in
      let report = Monitor(LaneReport())
      var log = log
      log[metadataKey: "destination"] = "\(destination.name)"
      let lane = try Lane(
        destination, mode: mode, in: directory, damage: damage, stop: stop, report: report, system,
        log)
      // The lane is made here, so that wrong settings end the program, and used by its own thread from then on.
      nonisolated(unsafe) let started = lane
      let thread = try WorkerThread(name: destination.name, stackBytes: Self.laneStackBytes) {
        unsafe started.run()
        report.withLock { $0.isEnded = true }
      }
      return RunningLane(name: destination.name, thread: thread, report: report)
    }
  }
}
