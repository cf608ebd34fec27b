import Destinations
import Glibc
import Logging
import Spool
import SystemCalls

/// Runs a sender: holds the spool's lock, starts a lane for each destination, looks after the spool meanwhile (rescued
/// bodies, delivered segments), takes new settings on SIGHUP, and stops them all on any other signal.
struct Supervisor {
  private var settings: SenderSettings
  private let mode: Lane.Mode
  /// Reads the settings again; nil: they are in no file, and SIGHUP is a signal to stop.
  private let rereading: (() throws(SettingsError) -> SenderSettings)?
  /// A destination could not be started with new settings: what it needs of the spool is not known, and is kept.
  private var isIncomplete = false
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private let log = Logger(label: "notice-sender") { OneLineLog(label: $0) }

  /// How often the spool is looked after.
  private static let choresMilliseconds = 1000
  private static let laneStackBytes = 1 << 20

  init(
    _ settings: SenderSettings, mode: Lane.Mode,
    rereading: (() throws(SettingsError) -> SenderSettings)? = nil,
    _ system: any SystemCalls = LinuxSystemCalls()
  ) {
    self.rereading = rereading
    self.settings = settings
    self.mode = mode
    self.system = system
    directory = SpoolDirectory(settings.spool)
  }

  /// Returns whether nothing is pending.
  func run() throws -> Bool {
    StopSignals.block()
    if let later = try SpoolFormat.later(in: directory, system) {
      throw SettingsError(later.description)
    }
    try directory.create(system)
    let lock = try SenderLock.acquire(directory, system)
    // While it runs, its settings may change.
    var running = self
    let isDrained = try running.supervise()
    lock.release()
    return isDrained
  }

  private mutating func supervise() throws -> Bool {
    var chores = SpoolChores(directory, settings.archive, system, log)
    if mode == .once { while chores.takeRescued() {} }

    let damage = DamageLog(directory, system, log)
    var lanes = try startAll(damage)
    var metrics = MetricsWriter(settings.metrics, directory, system, log)
    var report = ReportWriter(mode == .run ? settings.report : nil, directory, system, log)
    log.info(
      "delivers \(settings.spool) to \(settings.destinations.map(\.name).joined(separator: ", "))")
    while goesOn(lanes) {
      if let signal = StopSignals.wait(milliseconds: Self.choresMilliseconds) {
        if signal == SIGHUP, let rereading {
          reread(rereading, &lanes, &chores, damage)
          metrics.use(settings.metrics)
          report.use(settings.report)
          continue
        }
        log.info("stops on signal \(signal)")
        for lane in lanes { lane.stop.open() }
        break
      }
      if mode == .run { chores.run(segmentsNeeded(lanes)) }
      if metrics.isDue { metrics.write(figures(lanes), rescued: chores.rescued) }
    }
    for lane in lanes { lane.thread.join() }
    report.end()
    chores.run(segmentsNeeded(lanes))
    metrics.write(figures(lanes), rescued: chores.rescued)
    let pending = lanes.filter { !$0.report.withLock(\.isDrained) }.map(\.name)
    if !pending.isEmpty { log.notice("still pending for \(pending.joined(separator: ", "))") }
    return pending.isEmpty && !isIncomplete
  }

  /// One whose files in the spool cannot be used stops none of the others.
  private mutating func startAll(_ damage: DamageLog) throws -> [RunningLane] {
    var lanes: [RunningLane] = []
    var failure: (any Error)?
    for destination in settings.destinations {
      do {
        lanes.append(try start(destination, damage))
      } catch {
        // Wrong settings are told at once.
        if error is HTTPSettingsError || error is ExecSettingsError { throw error }
        failure = failure ?? error
        log.error("unable to start \(destination.name), its messages wait: \(error)")
        isIncomplete = true
      }
    }
    if lanes.isEmpty, let failure { throw failure }
    return lanes
  }

  private func goesOn(_ lanes: [RunningLane]) -> Bool {
    mode == .run || !lanes.allSatisfy { $0.report.withLock(\.isEnded) }
  }

  private func figures(_ lanes: [RunningLane]) -> [MetricsFile.Lane] {
    lanes.map { MetricsFile.Lane(name: $0.name, report: $0.report.withLock { $0 }) }
  }

  private func segmentsNeeded(_ lanes: [RunningLane]) -> [Int?] {
    lanes.map { $0.report.withLock(\.segmentNeeded) } + (isIncomplete ? [nil] : [])
  }

  // MARK: New settings

  /// Settings that are wrong, or of another spool, change nothing.
  private mutating func reread(
    _ rereading: () throws(SettingsError) -> SenderSettings, _ lanes: inout [RunningLane],
    _ chores: inout SpoolChores, _ damage: DamageLog
  ) {
    guard let new = newSettings(rereading) else { return }
    let difference = SettingsDifference(from: settings.destinations, to: new.destinations)
    log.notice("takes new settings: \(difference.description)")
    let stopped = lanes.filter { difference.stopped.contains($0.name) }
    lanes.removeAll { difference.stopped.contains($0.name) }
    for lane in stopped { lane.stop.open() }
    // A destination's files have one writer: its new lane begins when the old one has saved how far it came.
    for lane in stopped { lane.thread.join() }
    chores.use(new.archive)
    settings = new
    isIncomplete = false
    for destination in difference.started {
      do {
        lanes.append(try start(destination, damage))
      } catch {
        log.error("unable to start \(destination.name), its messages wait: \(error)")
        settings.destinations.removeAll { $0.name == destination.name }
        isIncomplete = true
      }
    }
  }

  private func newSettings(
    _ rereading: () throws(SettingsError) -> SenderSettings
  ) -> SenderSettings? {
    do throws(SettingsError) {
      let new = try rereading()
      if new.spool == settings.spool { return new }
      log.error("keeps the old settings: another spool needs a restart")
    } catch {
      for reason in error.reasons { log.error("keeps the old settings: \(reason)") }
    }
    return nil
  }

  // MARK: Lanes

  private struct RunningLane {
    let name: String
    let thread: WorkerThread
    let stop: Latch
    let report: Monitor<LaneReport>
  }

  private func start(
    _ destination: DestinationSettings, _ damage: DamageLog
  ) throws -> RunningLane {
    let report = Monitor(LaneReport())
    let stop = try Latch()
    var log = log
    log[metadataKey: "destination"] = "\(destination.name)"
    // The lane is made here, so that wrong settings end the program, and used by its own thread from then on.
    nonisolated(unsafe) var lane = try Lane(
      destination, mode: mode, in: directory, damage: damage, stop: stop, report: report, system,
      log)
    let wake = StopSignals.waker()
    let thread = try WorkerThread(name: destination.name, stackBytes: Self.laneStackBytes) {
      unsafe lane.run()
      report.withLock { $0.isEnded = true }
      wake()
    }
    return RunningLane(name: destination.name, thread: thread, stop: stop, report: report)
  }
}
