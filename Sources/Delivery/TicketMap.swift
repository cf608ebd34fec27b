/// Values by ticket, each found in its ticket's slot without a search.
struct TicketMap<Value: Sendable>: Sendable {
  /// The ticket in each slot, -1 where there is none, and its value.
  private var tickets: [Int] = []
  private var values: [Value?] = []
  private(set) var count = 0

  subscript(ticket: Int) -> Value? {
    let slot = Ticket.slot(ticket)
    return slot < tickets.count && tickets[slot] == ticket ? values[slot] : nil
  }

  /// The ticket has no value yet.
  mutating func insert(_ value: Value, _ ticket: Int) {
    let slot = Ticket.slot(ticket)
    while tickets.count <= slot {
      tickets.append(-1)
      values.append(nil)
    }
    precondition(tickets[slot] == -1, "a slot is given twice")
    tickets[slot] = ticket
    values[slot] = value
    count += 1
  }

  /// Changes the value where it stands; nil: there is none.
  @discardableResult
  mutating func update<Result>(_ ticket: Int, _ change: (inout Value) -> Result) -> Result? {
    let slot = Ticket.slot(ticket)
    guard slot < tickets.count, tickets[slot] == ticket else { return nil }
    return change(&values[slot]!)
  }

  mutating func remove(_ ticket: Int) -> Value? {
    let slot = Ticket.slot(ticket)
    guard slot < tickets.count, tickets[slot] == ticket else { return nil }
    tickets[slot] = -1
    count -= 1
    return values[slot].take()
  }
}
