import Delivery
import TestSupport
import Testing

struct DeliveryQueueTests {
  typealias Message = Simulation.Message

  func messages(_ count: Int, chats: Int) -> [Message] {
    (0..<count).map { Message(number: $0, chat: "chat \($0 % chats)") }
  }

  @Test(arguments: DeliveryOrder.allCases)
  func `all is delivered, once each`(order: DeliveryOrder) {
    var simulation = Simulation(order: order) { _, _ in .delivered }
    for message in messages(100, chats: 7) { simulation.add(message) }
    simulation.run(until: day)
    #expect(simulation.delivered.count == 100)
    #expect(Set(simulation.delivered).count == 100)
    #expect(simulation.queue.unsettled == 0)
  }

  @Test func `a chat keeps its order while chats go side by side`() {
    var simulation = Simulation(concurrency: 8) { message, now in
      message.number % 13 == 0 && now < minute ? .status(500) : .delivered
    }
    for message in messages(200, chats: 10) { simulation.add(message) }
    simulation.run(until: day)
    for chat in 0..<10 {
      let numbers = simulation.delivered.filter { $0.chat == "chat \(chat)" }.map(\.number)
      #expect(numbers == numbers.sorted())
      #expect(numbers.count == 20)
    }
  }

  @Test func `strict order has one at a time under way`() {
    var simulation = Simulation(order: .strict, concurrency: 8) { _, _ in .delivered }
    for message in messages(20, chats: 20) { simulation.add(message) }
    simulation.run(until: hour)
    #expect(simulation.delivered.map(\.number) == Array(0..<20))
    #expect(simulation.attempts.map(\.at) == (0..<20).map { $0 * 10 })
  }

  @Test func `concurrency is bounded`() {
    var simulation = Simulation(order: .none, concurrency: 3) { _, _ in .delivered }
    for message in messages(9, chats: 9) { simulation.add(message) }
    simulation.run(until: hour)
    #expect(simulation.attempts.map(\.at) == [0, 0, 0, 10, 10, 10, 20, 20, 20])
  }

  // MARK: The message's fault

  @Test(arguments: [400, 413, 414, 415, 422, 431, 451])
  func `a message refused for good dies by its confirming retry when others get through`(code: Int)
  {
    let poisoned = Message(number: 3, chat: "chat 3")
    var simulation = Simulation { message, _ in message == poisoned ? .status(code) : .delivered }
    for message in messages(20, chats: 20) { simulation.add(message) }
    simulation.run(until: day)
    #expect(simulation.delivered.count == 19)
    #expect(simulation.dead == [poisoned])
    let attempts = simulation.attempts(of: poisoned)
    #expect(attempts.count == 2)
    #expect((4 * second...7 * second).contains(attempts[1] - attempts[0]))
  }

  @Test func `a message alone does not die by one retry, as nothing shows that it is its fault`() {
    let alone = Message(number: 0, chat: "a")
    var simulation = Simulation { _, now in now < hour ? .status(400) : .delivered }
    simulation.add(alone)
    simulation.run(until: day)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered == [alone])
  }

  @Test(arguments: [408, 409, 423, 424, 425, 500, 599])
  func `a message that fails and may succeed later is tried by the schedule, then dies`(code: Int) {
    let poisoned = Message(number: 1, chat: "chat 1")
    var simulation = Simulation { message, _ in message == poisoned ? .status(code) : .delivered }
    for message in messages(4, chats: 4) { simulation.add(message) }
    simulation.run(until: 30 * day)
    #expect(simulation.dead == [poisoned])
    let attempts = simulation.attempts(of: poisoned)
    #expect(attempts.count == RetrySchedule.attemptsMax)
    let waits = zip(attempts, attempts.dropFirst()).map { $1 - $0 }
    let expected: [Int64] = [5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    for (wait, seconds) in zip(waits, expected) {
      #expect(
        (seconds * 800...seconds * 1200 + 20).contains(wait), "\(wait) ms instead of \(seconds) s")
    }
  }

  @Test func `a failing message holds its own chat for fifteen minutes, and no other`() {
    let failing = Message(number: 0, chat: "a")
    var simulation = Simulation { message, _ in message == failing ? .status(500) : .delivered }
    simulation.add(failing)
    simulation.add(Message(number: 1, chat: "a"))
    simulation.add(Message(number: 2, chat: "b"))
    simulation.run(until: 14 * minute)
    #expect(simulation.delivered.map(\.number) == [2])
    simulation.run(until: 16 * minute)
    #expect(simulation.delivered.map(\.number) == [2, 1])
  }
}
