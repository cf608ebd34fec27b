import Delivery
import TestSupport
import Testing

/// What other messages show of a failure, and what they do not.
struct EvidenceTests {
  typealias Message = Simulation.Message

  /// Fails by the destination's fault, and alone does: a message that makes its receiver fall over, say.
  @Test(
    arguments: [.status(502), .status(503), .unreachable(reason: "closed")] as [DeliveryOutcome])
  func `a message that alone gets no proper answer holds its chat for a while, and does not die`(
    outcome: DeliveryOutcome
  ) throws {
    let odd = Message(number: 3, chat: "chat 3")
    var simulation = Simulation { message, now in
      message == odd && now < 20 * day ? outcome : .delivered
    }
    for number in 0..<10_000 {
      simulation.run(until: Int64(number) * second)
      simulation.add(Message(number: number, chat: "chat \(number % 10)"))
    }
    simulation.run(until: 4 * hour)
    #expect(simulation.delivered.count == 9999)
    let behind = try #require(simulation.attempts(of: Message(number: 13, chat: "chat 3")).first)
    // From the moment when it is seen that others get through.
    #expect((15 * minute...16 * minute).contains(behind - 3 * second))
    #expect(simulation.pausedAt.count <= 5, "it does not make the destination rest for good")
    simulation.run(until: 20 * day)
    #expect(simulation.dead.isEmpty)
    simulation.run(until: 21 * day)
    #expect(simulation.delivered.count == 10_000)
  }

  @Test(arguments: [.status(502), .unreachable(reason: "closed")] as [DeliveryOutcome])
  func `its chat goes on where there is no other chat any more`(outcome: DeliveryOutcome) {
    let odd = Message(number: 3, chat: "chat 3")
    var simulation = Simulation { message, _ in message == odd ? outcome : .delivered }
    for number in 0..<40 { simulation.add(Message(number: number, chat: "chat \(number % 10)")) }
    simulation.run(until: 14 * minute)
    #expect(simulation.delivered.filter { $0.chat == "chat 3" }.isEmpty)
    // It is tried every five minutes, 20 % off.
    simulation.run(until: 25 * minute)
    #expect(simulation.delivered.count == 39)
  }

  @Test(
    arguments: [.status(502), .status(404), .unreachable(reason: "refused")] as [DeliveryOutcome])
  func `a chat keeps its order through an outage, however long`(outcome: DeliveryOutcome) {
    var simulation = Simulation { _, now in
      (minute..<10 * day).contains(now) ? outcome : .delivered
    }
    for number in 0..<300 {
      simulation.run(until: Int64(number) * second)
      simulation.add(Message(number: number, chat: "chat \(number % 10)"))
    }
    simulation.run(until: 11 * day)
    for chat in 0..<10 {
      let numbers = simulation.delivered.filter { $0.chat == "chat \(chat)" }.map(\.number)
      #expect(numbers == Array(stride(from: chat, to: 300, by: 10)))
    }
  }

  /// They failed, others got through, and then the destination went away: what got through before proves nothing any more.
  @Test(arguments: [404, 500])
  func `what failed before an outage does not die of it`(code: Int) {
    var simulation = Simulation { _, now in
      now < 4 * second || (4600..<30 * day).contains(now) ? .status(code) : .delivered
    }
    for number in 0..<2 { simulation.add(Message(number: number, chat: "chat \(number)")) }
    simulation.run(until: 4500)
    simulation.add(Message(number: 2, chat: "chat 2"))
    var number = 3
    while simulation.now < 31 * day {
      simulation.run(until: simulation.now + minute)
      guard simulation.queue.wantsMore else { continue }
      simulation.add(Message(number: number, chat: "chat \(number % 10)"))
      number += 1
    }
    simulation.run(until: 33 * day)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered.count == number)
  }

  /// Of requests under way at once, one that met the destination as it was before may be answered last.
  @Test(arguments: [true, false])
  func `what got through shows something if it began after the failure`(beganAfter: Bool) {
    var queue = DeliveryQueue(order: .none, concurrencyMax: 2)
    let (failed, other) = (queue.add(chat: nil), queue.add(chat: nil))
    #expect(queue.next(now: 0) == .attempt(failed))
    if !beganAfter { #expect(queue.next(now: 0) == .attempt(other)) }
    #expect(queue.finish(failed, .status(422), now: 10, random: 0) == .pending)
    if beganAfter { #expect(queue.next(now: 10) == .attempt(other)) }
    #expect(queue.finish(other, .delivered, now: 20, random: 0) == .delivered)
    #expect(queue.standing(of: failed).othersDelivered == beganAfter)
    #expect(queue.next(now: minute) == .attempt(failed))
    let verdict = queue.finish(failed, .status(422), now: minute, random: 0)
    #expect(verdict == (beganAfter ? .dead(attempts: 2) : .pending))
  }

  @Test func `a message is not given up while others fail as well`() {
    var queue = DeliveryQueue(order: .none, concurrencyMax: 1)
    let tickets = (0..<3).map { _ in queue.add(chat: nil) }
    var now: Int64 = 0
    func attempt(_ ticket: Int, _ outcome: DeliveryOutcome) -> DeliveryQueue.Verdict {
      now += 10 * second
      #expect(queue.next(now: now) == .attempt(ticket))
      return queue.finish(ticket, outcome, now: now, random: 400)
    }
    #expect(attempt(tickets[0], .status(400)) == .pending)
    #expect(attempt(tickets[1], .delivered) == .delivered)
    #expect(attempt(tickets[2], .status(400)) == .pending)
    // Its confirming retry; and another failed since one got through.
    #expect(attempt(tickets[0], .status(400)) == .pending)
    #expect(queue.standing(of: tickets[0]).failures == 2)
  }
}
