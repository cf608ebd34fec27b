import Foundation
import Logging
import Spool
import SystemCalls
import TestSupport

@testable import NoticeSender

/// One lane of a sender on a thread of its own, in a time that passes when and as fast as a test lets it. It keeps what the
/// lane says.
final class LaneRun {
  private let directory: SpoolDirectory
  private let system: FaultySystemCalls
  private let latch: Latch
  private let activity: Monitor<WatchedDestination.Activity>
  private var thread: WorkerThread?
  private let hint: FileHandle
  let log = LogLines()

  /// Syncs are skipped: no test cuts the power here, and all are quicker for it.
  static func system() -> FaultySystemCalls {
    FaultySystemCalls(waiting: .skipped, syncing: .skipped)
  }

  init(
    _ settings: DestinationSettings, mode: Lane.Mode, in directory: SpoolDirectory,
    _ system: FaultySystemCalls
  ) throws {
    self.directory = directory
    self.system = system
    latch = try Latch()
    // Not a segment's name: it only wakes the lane.
    let path = "\(directory.segments)/hint"
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw TestFailure("unable to make \(path)")
    }
    hint = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    let lines = log
    let logger = Logger(label: "test") { _ in lines }
    let destination = WatchedDestination(try settings.makeDestination(system))
    activity = destination.activity
    // Made here and used by its own thread from then on.
    nonisolated(unsafe) var lane = try Lane(
      settings, mode: mode, in: directory, damage: DamageLog(directory, system, logger),
      stop: latch, report: Monitor(LaneReport()), system, logger, to: destination)
    thread = try WorkerThread(name: "lane", stackBytes: 4 << 20) { unsafe lane.run() }
  }

  deinit { stop() }

  /// Works through what there is and leaves; returns what was said.
  @discardableResult
  static func once(
    _ settings: DestinationSettings, in directory: SpoolDirectory,
    _ system: FaultySystemCalls = LaneRun.system()
  ) throws -> [String] {
    let run = try LaneRun(settings, mode: .once, in: directory, system)
    run.thread?.join()
    run.thread = nil
    return run.log.all
  }

  /// Lets so much time pass, and the lane do what is due. No time passes while anything is under way.
  func pass(seconds: Double) throws {
    try awaitRest()
    system.clearLog()
    system.advance(seconds: seconds)
    try awaitRest()
  }

  /// Lets time pass in such steps until `condition` holds.
  func pass(
    upTo seconds: Double, inSteps step: Double, _ what: String, until condition: () throws -> Bool
  ) throws {
    var passed = 0.0
    while try !condition() {
      guard passed < seconds else { throw TestFailure("not within \(seconds) s: \(what)") }
      try pass(seconds: step)
      passed += step
    }
  }

  /// Returns when the lane has looked for what there is to do, and has done it.
  private func awaitRest() throws {
    // The next wait may be of a round that looked at the clock before this call.
    let enough = activity.withLock(\.waitsBegun) + 2
    let end = Date(timeIntervalSinceNow: 600)
    while true {
      let now = activity.withLock { $0 }
      let hasLooked = now.waitsBegun >= enough
      if hasLooked, now.isWaiting, now.underWay == 0 { return }
      guard Date() < end else { throw TestFailure("the lane does not come to rest") }
      // A hint that comes while it looks may be lost.
      if !hasLooked { try hint.write(contentsOf: [0x0A]) }
      usleep(200)
    }
  }

  func stop() {
    guard let thread else { return }
    latch.open()
    thread.join()
    self.thread = nil
  }
}

/// Lines of a log, as they would be printed.
final class LogLines: LogHandler, Sendable {
  private let lines = Monitor<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.level): \(event.message)") }
  }

  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
}
