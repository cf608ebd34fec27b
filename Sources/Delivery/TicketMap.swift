/// Values by ticket, each found in its ticket's slot without a search.
struct TicketMap<Value: Sendable>: Sendable {
  private struct Slot {
    /// -1: there is none.
    var ticket = -1
    var value: Value?
  }

  private var slots: [Slot] = []
  private(set) var count = 0

  subscript(ticket: Int) -> Value? { slot(ticket).flatMap { slots[$0].value } }

  /// The ticket has no value yet.
  mutating func insert(_ value: Value, _ ticket: Int) {
    let slot = Ticket.slot(ticket)
    while slots.count <= slot { slots.append(Slot()) }
    precondition(slots[slot].ticket == -1, "a slot is given twice")
    slots[slot].ticket = ticket
    slots[slot].value = value
    count += 1
  }

  /// Changes the value where it stands; nil: there is none.
  @discardableResult
  mutating func update<Result>(_ ticket: Int, _ change: (inout Value) -> Result) -> Result? {
    slot(ticket).map { change(&slots[$0].value!) }
  }

  mutating func remove(_ ticket: Int) -> Value? {
    guard let slot = slot(ticket) else { return nil }
    slots[slot].ticket = -1
    count -= 1
    return slots[slot].value.take()
  }

  /// Where the ticket's value stands.
  private func slot(_ ticket: Int) -> Int? {
    let slot = Ticket.slot(ticket)
    return slot < slots.count && slots[slot].ticket == ticket ? slot : nil
  }
}
