import Logging
import Notice
import Spool
import SystemCalls

/// Writes the page again and again by a thread of its own, where the settings of the moment ask for it. No failure of it
/// touches the deliveries.
struct ReportWriter: ~Copyable {
  private var settings: ReportSettings?
  private var running: (thread: WorkerThread, stop: Latch)?
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private let log: Logger

  private static let stackBytes = 1 << 20

  init(
    _ settings: ReportSettings?, _ directory: SpoolDirectory, _ system: any SystemCalls,
    _ log: Logger
  ) {
    self.directory = directory
    self.system = system
    self.log = log
    use(settings)
  }

  /// From now on the page is written as these settings say; nil: not at all.
  mutating func use(_ settings: ReportSettings?) {
    guard settings != self.settings else { return }
    end()
    self.settings = settings
    guard let settings else { return }
    do {
      let stop = try Latch()
      let (directory, system, log) = (directory, system, log)
      let thread = try WorkerThread(name: "report", stackBytes: Self.stackBytes) {
        Self.write(settings, directory, system, log, until: stop)
      }
      running = (thread, stop)
    } catch {
      log.error("unable to begin writing the report: \(error)")
    }
  }

  /// Returns when nothing writes any more.
  mutating func end() {
    guard let (thread, stop) = running else { return }
    stop.open()
    thread.join()
    running = nil
  }

  private static func write(
    _ settings: ReportSettings, _ directory: SpoolDirectory, _ system: any SystemCalls,
    _ log: Logger, until stop: Latch
  ) {
    var file = ReportFile(settings, directory, system)
    var told: String?
    repeat {
      do {
        try file.write { stop.isOpen }
        told = nil
      } catch {
        let reason = (error as? SystemCallError)?.advised ?? "\(error)"
        if reason != told { log.error("unable to write the report: \(reason)") }
        told = reason
      }
    } while stop.wait(milliseconds: ReportSettings.millisecondsBetween) != .opened
  }
}
