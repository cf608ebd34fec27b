import TestSupport
import Testing

@testable import Delivery

/// Against arrays and dictionaries that do the same the plain way.
struct TicketTests {
  @Test func `a ticket is given once, and its slot again`() {
    var office = TicketOffice()
    let tickets = (0..<1000).map { _ in office.give() }
    #expect(Set(tickets.map(Ticket.slot)) == Set(0..<1000))
    for ticket in tickets { office.takeBack(ticket) }
    let others = (0..<1000).map { _ in office.give() }
    #expect(Set(others.map(Ticket.slot)) == Set(0..<1000))
    #expect(Set(others).isDisjoint(with: tickets))
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a map has what was put into it and not taken out`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var office = TicketOffice()
    var map = TicketMap<UInt64>()
    var expected: [Int: UInt64] = [:]
    var gone: [Int] = []
    for _ in 0..<2000 {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let ticket = office.give()
        let value = random.next()
        map.insert(value, ticket)
        expected[ticket] = value
      case 2:
        guard let ticket = expected.keys.randomElement(using: &random) else { continue }
        map.update(ticket) { $0 += 1 }
        expected[ticket]? += 1
      case 3:
        guard let ticket = expected.keys.randomElement(using: &random) else { continue }
        #expect(map.remove(ticket) == expected.removeValue(forKey: ticket))
        office.takeBack(ticket)
        gone.append(ticket)
      default:
        guard let ticket = gone.randomElement(using: &random) else { continue }
        #expect(map[ticket] == nil && map.remove(ticket) == nil)
        #expect(map.update(ticket) { $0 = 0 } == nil)
      }
      #expect(map.count == expected.count)
    }
    for (ticket, value) in expected { #expect(map[ticket] == value) }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a line keeps its order`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var line = TicketLine()
    var expected: [Int] = []
    for number in 0..<5000 {
      // First it grows, then it falls.
      if Int.random(in: 0..<5000, using: &random) > number {
        line.append(number)
        expected.append(number)
      } else {
        #expect(line.popFirst() == (expected.isEmpty ? nil : expected.removeFirst()))
      }
      #expect(line.count == expected.count)
    }
  }
}
