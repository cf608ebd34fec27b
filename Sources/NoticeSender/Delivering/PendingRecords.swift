import Delivery
import Notice
import Spool
import SystemCalls

/// The records that are read and not settled, by ticket. All positions are kept in memory, but records only up to a number of
/// bytes: the others are read again when they are due. Of one that is tried, whoever tries it has it.
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
    /// What it takes up, here or where it is tried; 0: it is not in memory.
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
    let bytes = bytesKept < Self.bytesMax ? record.memoryBytes : 0
    bytesKept += bytes
    entries[slot] = Entry(
      ticket: ticket, place: place, record: bytes > 0 ? record : nil, bytes: bytes)
  }

  /// Gives the record away where it is in memory, to be tried.
  mutating func take(_ ticket: Int) -> NoticeRecord? {
    slot(ticket).flatMap { entries[$0].record.take() }
  }

  /// Keeps a record that was tried, or was not in memory and was read again.
  mutating func keep(_ record: consuming NoticeRecord, ofTicket ticket: Int) {
    guard let slot = slot(ticket) else { return }
    if entries[slot].bytes == 0 {
      entries[slot].bytes = record.memoryBytes
      bytesKept += entries[slot].bytes
    }
    entries[slot].record = record
  }

  /// Returns where it was.
  @discardableResult
  mutating func forget(_ ticket: Int) -> Place? {
    guard let slot = slot(ticket) else { return nil }
    var entry = Entry()
    swap(&entry, &entries[slot])
    if entry.place.origin != .spool { requeued -= 1 }
    bytesKept -= entry.bytes
    return entry.place
  }

  /// Where the ticket's entry stands.
  private func slot(_ ticket: Int) -> Int? {
    let slot = Ticket.slot(ticket)
    return slot < entries.count && entries[slot].ticket == ticket ? slot : nil
  }
}
