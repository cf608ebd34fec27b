import Logging
import Spool
import SystemCalls

/// Writes the sender's figures when they are due, to the file that the settings name at the moment: to none where they
/// name none. No failure of it touches the deliveries.
struct MetricsWriter {
  private var path: String?
  private var file: MetricsFile?
  private var dueMilliseconds = Int64.min
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private let log: Logger

  private static let periodMilliseconds: Int64 = 15_000

  init(
    _ path: String?, _ directory: SpoolDirectory, _ system: any SystemCalls, _ log: Logger
  ) {
    self.path = path
    self.directory = directory
    self.system = system
    self.log = log
    file = path.map { MetricsFile($0, directory, system) }
  }

  /// From now on the figures go to `path`, at once. The file of before is removed: whoever reads it would take its figures,
  /// which stand still, for those of now.
  mutating func use(_ path: String?) {
    guard path != self.path else { return }
    if let old = self.path {
      do throws(SystemCallError) {
        try system.unlink(old)
      } catch {
        if !error.isMissing { log.error("unable to remove the old figures: \(error)") }
      }
    }
    log.notice("writes its figures to \(path ?? "no file")")
    self.path = path
    file = path.map { MetricsFile($0, directory, system) }
    dueMilliseconds = .min
  }

  var isDue: Bool { file != nil && nowMilliseconds >= dueMilliseconds }

  /// `rescued`: bodies taken in since the start.
  mutating func write(_ lanes: [MetricsFile.Lane], rescued: Int) {
    do {
      try file?.write(lanes, rescued: rescued)
    } catch {
      log.error(
        "unable to write the figures: \((error as? SystemCallError)?.advised ?? "\(error)")")
    }
    dueMilliseconds = nowMilliseconds + Self.periodMilliseconds
  }

  private var nowMilliseconds: Int64 { system.monotonicNanoseconds() / 1_000_000 }
}
