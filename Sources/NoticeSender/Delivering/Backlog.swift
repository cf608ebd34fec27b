import Notice
import Spool
import SystemCalls

/// How much of a spool a destination has before it, by its checkpoint.
struct Backlog {
  private var tally: SpoolTally
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  init(_ directory: SpoolDirectory, _ system: any SystemCalls) {
    tally = SpoolTally(directory, system)
    self.directory = directory
    self.system = system
  }

  /// Records that are pending, those that were requeued among them.
  mutating func pending(_ checkpoint: Checkpoint) throws -> Int {
    let files = RequeueFiles(checkpoint.destination, directory, system)
    let unread = try (checkpoint.unread ?? []).map { try tally.lines(inSegmentAt: $0) }
    return try tally.lines(from: checkpoint.position) + checkpoint.unsettled.count
      + unread.reduce(0, +) + files.waiting(checkpoint.requeue).count
  }

  /// When the oldest pending record of the spool that can be read was received; nil: none is pending.
  func oldest(_ checkpoint: Checkpoint) throws(SystemCallError) -> Timestamp? {
    var reader = SpoolReader(directory, from: checkpoint.oldest, system)
    while true {
      do throws(SystemCallError) {
        switch try reader.read() {
        case .record(let record, _):
          return record.string(.receivedAt).flatMap { Timestamp(rfc3339: $0) }
        case .damaged, .missing: continue
        case .end: return nil
        }
      } catch {
        guard try reader.passOver() != nil else { return nil }
      }
    }
  }
}
