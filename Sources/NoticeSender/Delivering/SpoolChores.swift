import Logging
import Spool
import SystemCalls

/// What the sender does for the spool as a whole: takes in what nginx rescued, and retires segments that every destination
/// is done with.
struct SpoolChores {
  private let inbox: RescueInbox
  private let directory: SpoolDirectory
  private var archive: SegmentArchive
  private let system: any SystemCalls
  private let log: Logger
  /// Bodies taken in so far.
  private(set) var rescued = 0
  /// The last failure told, so that one that lasts is told once.
  private var told: Set<String> = []
  /// What could not be retired is not tried at every turn: each try writes something.
  private var retireDue = Int64.min

  private var expireDue = Int64.min

  private static let retryNanoseconds: Int64 = 60_000_000_000
  /// The whole archive is looked through, and its days are not over at the second.
  private static let expireNanoseconds: Int64 = 3_600_000_000_000

  init(
    _ directory: SpoolDirectory, _ settings: ArchiveSettings, _ system: any SystemCalls,
    _ log: Logger
  ) {
    inbox = RescueInbox(directory, SpoolSettings(), system)
    archive = SegmentArchive(directory, form: settings.form, daysMax: settings.daysMax, system)
    self.directory = directory
    self.system = system
    self.log = log
  }

  /// From now on delivered segments are dealt with like this.
  mutating func use(_ settings: ArchiveSettings) {
    expireDue = .min
    archive = SegmentArchive(directory, form: settings.form, daysMax: settings.daysMax, system)
  }

  /// `segmentsNeeded`: the lowest segment that each destination needs; nil: not known.
  mutating func run(_ segmentsNeeded: [Int?]) {
    takeRescued()
    do throws(SystemCallError) {
      let now = system.monotonicNanoseconds()
      if now >= retireDue,
        let needed = segmentsNeeded.reduce(
          Int?.some(.max),
          { lowest, needed in
            lowest.flatMap { lowest in needed.map { min(lowest, $0) } }
          })
      {
        let outcome = try archive.retire(below: needed)
        if outcome.retired > 0 { log.info("\(outcome.retired) delivered segments retired") }
        if !outcome.failures.isEmpty { retireDue = now + Self.retryNanoseconds }
        for error in outcome.failures { tell("unable to retire a delivered segment: \(error)") }
      }
      if now >= expireDue {
        expireDue = now + Self.expireNanoseconds
        _ = try archive.expire()
      }
    } catch {
      tell("unable to retire delivered segments: \(error)")
    }
  }

  /// Returns whether there may be more.
  @discardableResult
  mutating func takeRescued() -> Bool {
    let outcome = inbox.take()
    rescued += outcome.taken
    if outcome.taken > 0 { log.notice("took in \(outcome.taken) bodies that nginx rescued") }
    if outcome.refused > 0 {
      log.warning("\(outcome.refused) rescued bodies are not JSON: see quarantine/refused.ndjson")
    }
    if outcome.taken > 0 { told.removeAll() }
    for failure in outcome.failures { tell("unable to take in \(failure)") }
    return outcome.taken + outcome.refused > 0
  }

  private mutating func tell(_ failure: String) {
    if told.insert(failure).inserted { log.error("\(failure)") }
  }
}
