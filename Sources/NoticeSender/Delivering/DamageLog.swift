import Logging
import Spool
import SystemCalls

/// Keeps damaged bytes of segments in quarantine, once for all the destinations that come across them.
final class DamageLog: Sendable {
  private let quarantine: Quarantine
  private let known = Monitor<Set<SpoolPosition>>([])
  private let log: Logger

  init(_ directory: SpoolDirectory, _ system: any SystemCalls, _ log: Logger) {
    quarantine = Quarantine(.damaged, directory, SpoolSettings(), system)
    self.log = log
  }

  /// `next` is where reading goes on, by which the damage is told from others.
  func keep(_ bytes: [UInt8], in segment: SegmentName, reason: String, next: SpoolPosition) {
    guard known.withLock({ $0.insert(next).inserted }) else { return }
    let offset = max(0, next.segment == segment.number ? next.offset - bytes.count - 1 : 0)
    log.error("\(segment): \(bytes.count) bytes are no record and were passed over: \(reason)")
    keep(
      QuarantineEntry(reason: reason, bytes: bytes, origin: .segment(segment, offset: offset)))
  }

  /// Bytes of a file that is one destination's own.
  func keep(_ bytes: [UInt8], of path: String, at offset: Int) {
    log.error("\(path): \(bytes.count) bytes at \(offset) are no letter and were passed over")
    let name = "\(path.split(separator: "/").last ?? "") at byte \(offset)"
    keep(QuarantineEntry(reason: "the line is no letter", bytes: bytes, origin: .file(name)))
  }

  private func keep(_ entry: QuarantineEntry) {
    do throws(SystemCallError) {
      try quarantine.keep(entry, syncing: true)
    } catch {
      log.error("unable to keep them in quarantine: \(error)")
    }
  }
}
