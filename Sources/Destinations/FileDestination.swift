import Delivery
import Glibc
import Notice
package import SystemCalls

/// Writes records as NDJSON to files of a directory, a new file every hour or day: `notices-20261122T06Z.ndjson`. All attempts
/// that wait are one write and one sync, and `.delivered` means that they survive a power cut. Files hold whole
/// lines only, and one whose time is over is never written again; a record stands twice where a crash or an error came
/// between the sync and its report.
package final class FileDestination: Destination {
  /// Attempts that share a write.
  package let capacity = 1000

  private let settings: FileSettings
  private let system: any SystemCalls
  private var file: DatedFile?
  private var pending: [DeliveryAttempt] = []

  package init(_ settings: FileSettings, _ system: any SystemCalls) {
    self.settings = settings
    self.system = system
  }

  package func begin(_ attempt: DeliveryAttempt) {
    pending.append(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    guard !pending.isEmpty else {
      Sleep.wait(milliseconds: milliseconds, readable: wakeUps)
      return
    }
    defer { pending.removeAll(keepingCapacity: true) }
    let outcome = deliver()
    reports += pending.lazy.map { DeliveryReport($0, outcome) }
  }

  private func deliver() -> DeliveryOutcome {
    var lines: [UInt8] = []
    for attempt in pending {
      lines += settings.body.bytes(of: attempt.record)
      lines.append(UInt8(ascii: "\n"))
    }
    do throws(SystemCallError) {
      try current().append(lines)
      return .delivered
    } catch {
      // What the failure left behind is looked after when the file is opened again.
      file = nil
      return .failed(
        reason: error.errno == EWOULDBLOCK
          ? "\(settings.directory): another process writes there" : "\(error)")
    }
  }

  /// The file of this hour or day.
  private func current() throws(SystemCallError) -> DatedFile {
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    let name = DatedFile.name(at: now, settings.rotation)
    if let file, file.name == name, file.isInPlace { return file }
    // Its lock goes before another is asked for.
    file = nil
    let opened = try DatedFile(name, in: settings.directory, system)
    file = opened
    return opened
  }
}
