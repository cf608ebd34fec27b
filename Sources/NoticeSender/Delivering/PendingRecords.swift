import Delivery
import Notice
import Spool
import SystemCalls

/// The records that are read and not settled, by ticket. All positions are kept in memory, but records only up to a number of
/// bytes: the others are read again when they are due.
struct PendingRecords {
  /// Where a record can be read again: in the spool, or in a requeue file, whose number is then the segment's.
  struct Place: Hashable {
    let position: SpoolPosition
    let origin: Checkpoint.Origin
  }

  private struct Entry {
    let ticket: Int
    let place: Place
    var record: NoticeRecord?
  }

  /// Each in its ticket's slot.
  private var entries: [Entry?] = []
  private var bytesKept = 0

  /// Some 2,500 of the usual size are kept for later; so much more may be under way.
  private static let bytesMax = 6 << 20
  private static let underWayBytesMax = 18 << 20

  /// How many are not from the spool.
  private(set) var requeued = 0

  /// No more are to be under way, as large as they are.
  var isFull: Bool { bytesKept >= Self.bytesMax + Self.underWayBytesMax }

  var places: [(ticket: Int, place: Place)] {
    entries.compactMap { entry in entry.map { ($0.ticket, $0.place) } }
  }

  func place(_ ticket: Int) -> Place? { slot(ticket).flatMap { entries[$0]?.place } }

  mutating func keep(_ record: NoticeRecord, at place: Place, _ ticket: Int) {
    if place.origin != .spool { requeued += 1 }
    let isKept = bytesKept < Self.bytesMax
    if isKept { bytesKept += record.memoryBytes }
    let slot = Ticket.slot(ticket)
    while entries.count <= slot { entries.append(nil) }
    entries[slot] = Entry(ticket: ticket, place: place, record: isKept ? record : nil)
  }

  /// The record, by `reading` where it is not in memory; nil where that finds it no more. From then on it is kept.
  mutating func record(
    _ ticket: Int, reading: (Place) throws(SystemCallError) -> NoticeRecord?
  ) throws(SystemCallError) -> NoticeRecord? {
    guard let slot = slot(ticket), let entry = entries[slot] else { return nil }
    if let record = entry.record { return record }
    guard let record = try reading(entry.place) else { return nil }
    entries[slot]?.record = record
    bytesKept += record.memoryBytes
    return record
  }

  /// Returns where it was, and the record where it was in memory: as one is that was tried.
  @discardableResult
  mutating func forget(_ ticket: Int) -> (place: Place, record: NoticeRecord?)? {
    guard let slot = slot(ticket), let entry = entries[slot].take() else { return nil }
    if let record = entry.record { bytesKept -= record.memoryBytes }
    if entry.place.origin != .spool { requeued -= 1 }
    return (entry.place, entry.record)
  }

  /// Where the ticket's entry stands.
  private func slot(_ ticket: Int) -> Int? {
    let slot = Ticket.slot(ticket)
    return slot < entries.count && entries[slot]?.ticket == ticket ? slot : nil
  }
}
