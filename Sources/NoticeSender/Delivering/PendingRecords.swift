import Notice
import Spool
import SystemCalls

/// The records that are read and not settled, by ticket. All positions are kept in memory, but only so many records: the
/// others are read again when they are due.
struct PendingRecords {
  /// Where a record can be read again: in the spool, or in a requeue file, whose number is then the segment's.
  struct Place: Hashable {
    let position: SpoolPosition
    let origin: Checkpoint.Origin
  }

  private struct Entry {
    let place: Place
    var record: NoticeRecord?
  }

  private var entries: [Int: Entry] = [:]
  private var recordsKept = 0

  private static let recordsMax = 2048

  /// How many are not from the spool.
  private(set) var requeued = 0

  var places: [(ticket: Int, place: Place)] {
    entries.map { ($0.key, $0.value.place) }
  }

  func place(_ ticket: Int) -> Place? { entries[ticket]?.place }

  mutating func keep(_ record: NoticeRecord, at place: Place, _ ticket: Int) {
    if place.origin != .spool { requeued += 1 }
    let isKept = recordsKept < Self.recordsMax
    if isKept { recordsKept += 1 }
    entries[ticket] = Entry(place: place, record: isKept ? record : nil)
  }

  /// The record, by `reading` where it is not in memory; nil where that finds it no more. From then on it is kept.
  mutating func record(
    _ ticket: Int, reading: (Place) throws(SystemCallError) -> NoticeRecord?
  ) throws(SystemCallError) -> NoticeRecord? {
    guard let entry = entries[ticket] else { return nil }
    if let record = entry.record { return record }
    guard let record = try reading(entry.place) else { return nil }
    entries[ticket]?.record = record
    recordsKept += 1
    return record
  }

  mutating func forget(_ ticket: Int) {
    guard let entry = entries.removeValue(forKey: ticket) else { return }
    if entry.record != nil { recordsKept -= 1 }
    if entry.place.origin != .spool { requeued -= 1 }
  }
}
