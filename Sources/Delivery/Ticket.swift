/// The name of a message for as long as it is unsettled: an integer whose lowest bits are a slot, which no other message
/// has at the time, and whose other bits make it the only one of its kind.
package enum Ticket {
  static let slotBits = 20

  /// Slots are numbered from 0 on, and are not more than messages ever were unsettled at once.
  package static func slot(_ ticket: Int) -> Int { ticket & (1 << slotBits - 1) }
}

/// Gives tickets out. A slot is used again, a ticket never: what still speaks of one that was given back finds nothing.
struct TicketOffice: Sendable {
  private var free: [Int] = []
  private var slots = 0
  private var given = 0

  mutating func give() -> Int {
    let slot = free.popLast() ?? slots
    if slot == slots { slots += 1 }
    given += 1
    return given << Ticket.slotBits | slot
  }

  mutating func takeBack(_ ticket: Int) {
    free.append(Ticket.slot(ticket))
  }
}
