import Delivery
import TestSupport
import Testing

/// What is the destination's fault, and what is known from an earlier run.
extension DeliveryQueueTests {
  // MARK: The destination's fault

  @Test(arguments: [301, 302, 307, 401, 402, 403, 404, 405, 406, 407, 410, 421, 426, 501, 505])
  func `a destination set up wrongly is paused and probed, and nothing dies`(code: Int) {
    var simulation = Simulation(concurrency: 4) { _, now in
      now < 3 * day ? .status(code) : .delivered
    }
    for message in messages(50, chats: 10) { simulation.add(message) }
    simulation.run(until: 3 * day)
    #expect(simulation.dead.isEmpty)
    // Every five minutes at the most, once it has been paused some times.
    #expect(simulation.attempts.count < 3 * 24 * 60 / 4 + 20)
    #expect(Set(simulation.attempts.prefix(40).map(\.message)).count > 5, "probes differ")
    simulation.run(until: 4 * day)
    #expect(simulation.delivered.count == 50)
    for chat in 0..<10 {
      let numbers = simulation.delivered.filter { $0.chat == "chat \(chat)" }.map(\.number)
      #expect(numbers == numbers.sorted())
    }
  }

  @Test(arguments: [400, 422, 404, 500])
  func `an hour of wrong answers to everything kills nothing`(code: Int) {
    var simulation = Simulation { _, now in now < hour ? .status(code) : .delivered }
    for message in messages(500, chats: 40) { simulation.add(message) }
    simulation.run(until: 2 * hour)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered.count == 500)
  }

  @Test func `messages that come slowly to a wrong deploy do not die either`() {
    var simulation = Simulation { _, now in
      (hour..<3 * hour).contains(now) ? .status(400) : .delivered
    }
    for number in 0..<80 {
      simulation.add(Message(number: number, chat: "chat \(number)"))
      simulation.run(until: Int64(number) * 3 * minute)
    }
    simulation.run(until: day)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered.count == 80)
  }

  @Test func `one message that gets 404 is its own fault when others get through`() {
    let odd = Message(number: 2, chat: "chat 2")
    var simulation = Simulation { message, _ in message == odd ? .status(404) : .delivered }
    for message in messages(30, chats: 10) { simulation.add(message) }
    simulation.run(until: hour)
    #expect(simulation.delivered.count == 29)
    #expect(simulation.dead.isEmpty)
    simulation.run(until: 30 * day)
    #expect(simulation.dead == [odd])
  }

  @Test func `Retry-After is kept in full, for all messages`() {
    var first = true
    var simulation = Simulation { _, _ in
      defer { first = false }
      return first ? .status(429, retryAfter: 7200) : .delivered
    }
    for message in messages(10, chats: 10) { simulation.add(message) }
    simulation.run(until: day)
    #expect(simulation.delivered.count == 10)
    // Those that were under way already end; nothing begins before the time.
    #expect(simulation.attempts.filter { (1..<7200 * second).contains($0.at) }.isEmpty)
  }

  @Test func `overload halves the concurrency, success brings it back`() {
    var simulation = Simulation(order: .none, concurrency: 16) { _, now in
      now < 100 ? .status(503) : .delivered
    }
    for message in messages(16, chats: 16) { simulation.add(message) }
    simulation.run(until: 100)
    #expect(simulation.queue.health.concurrency == 8)
    simulation.run(until: hour)
    for message in messages(20, chats: 20) { simulation.add(message) }
    simulation.run(until: 2 * hour)
    #expect(simulation.queue.health.concurrency == 16)
  }

  @Test func `a destination away for a month loses nothing and uses up no attempts`() {
    var simulation = Simulation { _, now in
      now < 30 * day ? .unreachable(reason: "refused") : .delivered
    }
    for message in messages(100, chats: 10) { simulation.add(message) }
    simulation.run(until: 31 * day)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered.count == 100)
  }

  @Test func `a flapping destination gets everything in the end`() {
    var simulation = Simulation { message, now in
      (now / (20 * second)) % 2 == 0 ? .delivered : .unreachable(reason: "flaps")
    }
    for round in 0..<50 {
      for number in 0..<10 {
        simulation.add(Message(number: round * 10 + number, chat: "chat \(number)"))
      }
      simulation.run(until: Int64(round) * 7 * second)
    }
    simulation.run(until: 30 * day)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.delivered.count == 500)
  }

  @Test func `a message that always times out delays others for a while, not for good`() {
    let slow = Message(number: 5, chat: "chat 5")
    var simulation = Simulation { message, _ in
      message == slow ? .unreachable(reason: "no answer within 30 s") : .delivered
    }
    for message in messages(100, chats: 20) { simulation.add(message) }
    simulation.run(until: hour)
    #expect(simulation.delivered.filter { $0.chat != slow.chat }.count == 95)
  }

  @Test func `a pause gives back the attempts that led to it`() {
    var queue = DeliveryQueue(order: .none, concurrencyMax: 8)
    let tickets = (0..<DeliveryQueue.streakMax).map { _ in queue.add(chat: nil) }
    for ticket in tickets {
      #expect(queue.next(now: 0) == .attempt(ticket))
      #expect(queue.finish(ticket, .status(400), now: 10, random: 0) == .pending)
    }
    #expect(queue.health.state != .open)
    for ticket in tickets { #expect(queue.standing(of: ticket).failures == 0) }
  }

  @Test func `a destination that goes away again uses up no attempts of what failed before`() {
    var queue = DeliveryQueue(order: .none, concurrencyMax: 1)
    let (first, second) = (queue.add(chat: nil), queue.add(chat: nil))
    #expect(queue.next(now: 0) == .attempt(first))
    #expect(queue.finish(first, .unreachable(reason: "refused"), now: 10, random: 0) == .pending)
    #expect(queue.next(now: minute) == .attempt(second))
    #expect(queue.finish(second, .delivered, now: minute, random: 0) == .delivered)
    #expect(queue.next(now: minute) == .attempt(first))
    #expect(
      queue.finish(first, .unreachable(reason: "refused"), now: 2 * minute, random: 0) == .pending)
    #expect(queue.standing(of: first).failures == 0)
    #expect(queue.health.state != .open)
  }

  @Test func `what was to happen to a message that is settled happens to no later one`() {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 1)
    func isDelivered(_ ticket: Int, _ now: Int64) -> Bool {
      queue.next(now: now) == .attempt(ticket)
        && queue.finish(ticket, .delivered, now: now, random: 0) == .delivered
    }
    let hold = DeliveryQueue.holdMilliseconds
    // Its chat would be let go on at the end of its hold.
    let first = queue.restore(
      chat: "a", .init(failures: 1, firstFailureAt: 0, nextAttemptAt: 1000), now: 0)
    #expect(isDelivered(first, 1000))
    // The next one is where the first was, and holds its chat far longer.
    let second = queue.restore(
      chat: "a", .init(failures: 1, firstFailureAt: hold - 1, nextAttemptAt: hold + 5000),
      now: hold - 1)
    let behind = queue.add(chat: "a")
    #expect(Set([first, second, behind]).count == 3)
    #expect(queue.next(now: hold) == .idle(until: hold + 5000))
    #expect(isDelivered(second, hold + 5000))
    #expect(isDelivered(behind, hold + 5000))
    #expect(queue.unsettled == 0)
  }

  // MARK: Across runs

  @Test func `what is restored keeps its failures, its time and its place`() {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 8)
    let failed = queue.restore(
      chat: "a", .init(failures: 3, firstFailureAt: 0, nextAttemptAt: 5000), now: 1000)
    let behind = queue.restore(chat: "a", .init(), now: 1000)
    #expect(queue.next(now: 1000) == .idle(until: 5000))
    #expect(queue.standing(of: failed).failures == 3)
    #expect(queue.next(now: 5000) == .attempt(failed))
    #expect(queue.finish(failed, .delivered, now: 5000, random: 0) == .delivered)
    #expect(queue.next(now: 5000) == .attempt(behind))
  }

  /// As one has that failed by the destination's fault only.
  @Test func `what is restored without failures of its own keeps the time of its first one`() {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 8)
    let hold = DeliveryQueue.holdMilliseconds
    let first = queue.restore(
      chat: "a", .init(firstFailureAt: 0, nextAttemptAt: hold + 5000), now: 1000)
    let behind = queue.add(chat: "a")
    #expect(queue.standing(of: first).firstFailureAt == 0)
    #expect(queue.next(now: hold - 1) == .idle(until: hold))
    #expect(queue.next(now: hold) == .attempt(behind))
  }

  @Test(arguments: [true, false])
  func `evidence from an earlier run counts`(othersDelivered: Bool) {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 8)
    let failed = queue.restore(
      chat: "a",
      .init(
        failures: 1, firstFailureAt: 0, nextAttemptAt: 5000, othersDelivered: othersDelivered),
      now: 1000)
    #expect(queue.standing(of: failed).othersDelivered == othersDelivered)
    #expect(queue.next(now: 5000) == .attempt(failed))
    let verdict = queue.finish(failed, .status(422), now: 5010, random: 0)
    #expect(verdict == (othersDelivered ? .dead(attempts: 2) : .pending))
  }

  /// Further ahead there may be a chat that waits for nothing; with half of the room made use of, it is not looked for.
  @Test(arguments: [(49, DeliveryQueue.unsettledMax), (50, DeliveryQueue.aheadMax)])
  func `reading goes far ahead only for a destination that has little to do`(
    busy: Int, expected: Int
  ) {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 100)
    for chat in 0..<busy {
      _ = queue.add(chat: "chat \(chat)")
      _ = queue.next(now: 0)
    }
    var count = busy
    while queue.wantsMore {
      _ = queue.add(chat: "chat \(count % busy)")
      count += 1
    }
    #expect(count == expected)
  }

  @Test func `reading stops when enough is unsettled`() {
    var queue = DeliveryQueue(order: .chat, concurrencyMax: 4)
    var count = 0
    while queue.wantsMore {
      _ = queue.add(chat: "one chat")
      count += 1
    }
    #expect(count == DeliveryQueue.unsettledMax)
  }
}
