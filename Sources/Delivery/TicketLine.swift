/// Tickets in the order in which they came. Memory is asked for only where the line grows longer than it ever was.
struct TicketLine: Sendable {
  private var tickets: [Int] = []
  /// So many were taken, and still stand before the others.
  private var taken = 0

  var count: Int { tickets.count - taken }

  mutating func append(_ ticket: Int) {
    // Moving the others costs no more than what was taken since they were moved last.
    if taken > 0, 2 * taken >= tickets.count {
      tickets.removeSubrange(..<taken)
      taken = 0
    }
    tickets.append(ticket)
  }

  mutating func popFirst() -> Int? {
    guard taken < tickets.count else { return nil }
    taken += 1
    return tickets[taken - 1]
  }
}
