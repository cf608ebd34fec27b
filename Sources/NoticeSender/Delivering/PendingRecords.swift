import Notice
import Spool

/// The records that are read and not settled, by ticket. All positions are kept in memory, but only so many records: the
/// others are read again when they are due.
struct PendingRecords {
  private struct Entry {
    let position: SpoolPosition
    var record: NoticeRecord?
  }

  private var entries: [Int: Entry] = [:]
  private var recordsKept = 0

  private static let recordsMax = 2048

  var positions: [(ticket: Int, position: SpoolPosition)] {
    entries.map { ($0.key, $0.value.position) }
  }

  mutating func keep(_ record: NoticeRecord, at position: SpoolPosition, _ ticket: Int) {
    let isKept = recordsKept < Self.recordsMax
    if isKept { recordsKept += 1 }
    entries[ticket] = Entry(position: position, record: isKept ? record : nil)
  }

  /// The record, by `reading` where it is not in memory; nil where that finds it no more. From then on it is kept.
  mutating func record(
    _ ticket: Int, reading: (SpoolPosition) -> NoticeRecord?
  ) -> NoticeRecord? {
    guard let entry = entries[ticket] else { return nil }
    if let record = entry.record { return record }
    guard let record = reading(entry.position) else { return nil }
    entries[ticket]?.record = record
    recordsKept += 1
    return record
  }

  mutating func forget(_ ticket: Int) {
    if entries.removeValue(forKey: ticket)?.record != nil { recordsKept -= 1 }
  }
}
