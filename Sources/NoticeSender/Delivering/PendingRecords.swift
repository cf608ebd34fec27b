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
    /// -1: nothing stands here.
    var ticket = -1
    var place = Place(position: SpoolPosition(segment: 0, offset: 0), origin: .spool)
    var record: NoticeRecord?
    /// What it takes up, where it is in memory.
    var bytes = 0
  }

  /// Each in its ticket's slot.
  private var entries: [Entry] = []
  private var bytesKept = 0

  /// Some 4,000 of the usual size are kept for later; so much more may be under way.
  private static let bytesMax = 6 << 20
  private static let underWayBytesMax = 18 << 20

  /// How many are not from the spool.
  private(set) var requeued = 0

  /// No more are to be under way, as large as they are.
  var isFull: Bool { bytesKept >= Self.bytesMax + Self.underWayBytesMax }

  var places: [(ticket: Int, place: Place)] {
    entries.lazy.filter { $0.ticket >= 0 }.map { ($0.ticket, $0.place) }
  }

  func place(_ ticket: Int) -> Place? { slot(ticket).map { entries[$0].place } }

  mutating func keep(_ record: NoticeRecord, at place: Place, _ ticket: Int) {
    if place.origin != .spool { requeued += 1 }
    let slot = Ticket.slot(ticket)
    while entries.count <= slot { entries.append(Entry()) }
    entries[slot].ticket = ticket
    entries[slot].place = place
    if bytesKept < Self.bytesMax { put(record, in: slot) }
  }

  private mutating func put(_ record: NoticeRecord, in slot: Int) {
    let bytes = record.memoryBytes
    entries[slot].record = record
    entries[slot].bytes = bytes
    bytesKept += bytes
  }

  /// The record where it is in memory.
  func record(_ ticket: Int) -> NoticeRecord? { slot(ticket).flatMap { entries[$0].record } }

  /// Keeps a record that was not in memory and was read again.
  mutating func keep(_ record: NoticeRecord, ofTicket ticket: Int) {
    if let slot = slot(ticket) { put(record, in: slot) }
  }

  /// Returns where it was, and the record where it was in memory: as one is that was tried.
  @discardableResult
  mutating func forget(_ ticket: Int) -> (place: Place, record: NoticeRecord?)? {
    guard let slot = slot(ticket) else { return nil }
    entries[slot].ticket = -1
    let place = entries[slot].place
    if place.origin != .spool { requeued -= 1 }
    guard let record = entries[slot].record.take() else { return (place, nil) }
    bytesKept -= entries[slot].bytes
    return (place, record)
  }

  /// Where the ticket's entry stands.
  private func slot(_ ticket: Int) -> Int? {
    let slot = Ticket.slot(ticket)
    return slot < entries.count && entries[slot].ticket == ticket ? slot : nil
  }
}
