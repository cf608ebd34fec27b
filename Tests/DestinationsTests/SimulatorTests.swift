import Delivery
import TestSupport
import Testing

/// Every answer of the table, and everything else that a destination may do, through real exchanges; the decisions in simulated
/// time, for as long as a month.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SimulatorTests {
  typealias Message = Simulation.Message

  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let trouble: SimulatedDestination.Trouble
    /// Whose fault it is at first sight; nil: it is a delivery.
    let fault: Fault?

    var testDescription: String { name }

    /// Whether it can be the answer to one message while others get through.
    var isOfOneMessage: Bool {
      switch trouble {
      case .answer, .redirect: true
      case .refused, .nameNotFound, .certificate: false
      }
    }

    static func status(_ status: Int, _ fault: Fault?) -> Row {
      // A 304 has no body, by HTTP.
      let body = [204, 304].contains(status) ? "" : "why"
      return Row(
        name: "\(status)", trouble: .answer(.status(status, body: body)), fault: fault)
    }
  }

  static let table: [Row] =
    [200, 201, 202, 204, 206, 299].map { .status($0, nil) }
    + [400, 413, 414, 415, 422, 431, 451].map { .status($0, .messageForGood) }
    + [408, 409, 423, 424, 425, 500, 411, 418, 599].map { .status($0, .messageForNow) }
    + [300, 304, 401, 402, 403, 404, 405, 406, 407, 410, 421, 426, 501, 505].map {
      .status($0, .destination)
    }
    + [301, 302, 303, 307, 308].map {
      Row(name: "\($0) to 200", trouble: .redirect($0), fault: .destination)
    }
    + [429, 502, 503, 504].map { .status($0, .overload) }
    + [
      Row(name: "slow header", trouble: .answer(.slowHeader(status: 200)), fault: .unreachable),
      Row(name: "half-open", trouble: .answer(.silence), fault: .unreachable),
      Row(name: "closed", trouble: .answer(.close), fault: .unreachable),
      Row(
        name: "cut short",
        trouble: .answer(.bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")),
        fault: .unreachable),
      Row(name: "no HTTP", trouble: .answer(.bytes("SSH-2.0-x\r\n")), fault: .unreachable),
      Row(name: "endless 200", trouble: .answer(.endlessBody(status: 200)), fault: nil),
      Row(
        name: "endless 500", trouble: .answer(.endlessBody(status: 500)), fault: .messageForNow),
      Row(name: "refused", trouble: .refused, fault: .unreachable),
      Row(name: "name not found", trouble: .nameNotFound, fault: .unreachable),
      Row(name: "wrong certificate", trouble: .certificate, fault: .unreachable),
    ]

  /// What the real exchanges showed is what the row says.
  private func check(_ destination: SimulatedDestination, _ row: Row) throws {
    let failing = destination.outcomes(failing: true)
    #expect(failing.count == 1, "\(failing)")
    #expect(try Fault(#require(failing.first)) == row.fault, "\(failing)")
    #expect(destination.outcomes(failing: false) == [.delivered])
    #expect(destination.followed == 0)
  }

  // MARK: All messages

  @Test(arguments: table.filter { $0.fault != nil })
  func `a month of it for all kills nothing, and all arrive in order after`(row: Row) throws {
    let destination = try SimulatedDestination(row.trouble)
    var simulation = Simulation { _, now in destination.outcome(failing: now < 30 * day) }
    for number in 0..<60 { simulation.add(Message(number: number, chat: "chat \(number % 12)")) }
    simulation.run(until: 30 * day)
    #expect(simulation.delivered.isEmpty && simulation.dead.isEmpty)
    #expect(simulation.pausedAt.count == 1, "it rests from first to last")
    #expect(try #require(simulation.pausedAt.first) < minute)
    #expect(simulation.queue.health.concurrency == 1)
    // Every five minutes at the most seldom, 20 % off, and some more while pauses were shorter.
    let probes = simulation.attempts.count
    #expect((30 * day / (6 * minute)...30 * day / (4 * minute) + 40).contains(Int64(probes)))
    #expect(Set(simulation.attempts.suffix(50).map(\.message)).count >= 5, "probes differ")
    for ticket in 0..<60 {
      #expect(simulation.queue.standing(of: ticket).failures <= 1, "a pause uses up no attempts")
    }

    simulation.run(until: 30 * day + 10 * minute)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.queue.unsettled == 0)
    for chat in 0..<12 {
      let numbers = simulation.delivered.filter { $0.chat == "chat \(chat)" }.map(\.number)
      #expect(numbers == Array(stride(from: chat, to: 60, by: 12)))
    }
    #expect(simulation.queue.health.state == .open)
    #expect(simulation.queue.health.concurrency == 8)
    try check(destination, row)
  }

  // MARK: One message

  /// A message that is answered so always, one behind it in its chat, and others that get through for a month.
  private func poisoned(_ destination: SimulatedDestination) -> Simulation {
    let odd = Message(number: 3, chat: "chat 3")
    var simulation = Simulation { message, now in
      destination.outcome(failing: message == odd && now < 30 * day)
    }
    for number in 0..<20 { simulation.add(Message(number: number, chat: "chat \(number % 10)")) }
    for number in 20..<4340 {
      simulation.run(until: Int64(number - 20) * 10 * minute)
      simulation.add(Message(number: number, chat: "chat \(4 + number % 6)"))
    }
    simulation.run(until: 30 * day)
    return simulation
  }

  @Test(arguments: table.filter { $0.fault != nil && $0.isOfOneMessage })
  func `what one message alone gets does not stop the others, nor its chat for long`(row: Row)
    throws
  {
    let odd = Message(number: 3, chat: "chat 3")
    let destination = try SimulatedDestination(row.trouble)
    var simulation = poisoned(destination)
    let attempts = simulation.attempts(of: odd)
    let lasted = try #require(attempts.last)
    switch row.fault {
    case .messageForGood:
      #expect(simulation.dead == [odd])
      #expect(attempts.count == 2, "a confirming retry, and no more")
      #expect((4 * second...7 * second).contains(attempts[1] - attempts[0]))
      #expect(simulation.pausedAt.isEmpty)
    case .messageForNow:
      #expect(simulation.dead == [odd])
      #expect(attempts.count == RetrySchedule.attemptsMax)
      // 5 s + 30 s + 5 min + … + 24 h, 20 % off at the most.
      #expect((299_135 * 800...299_135 * 1200 + hour).contains(lasted))
      #expect(simulation.pausedAt.isEmpty)
    case .destination:
      #expect(simulation.dead == [odd], "others got through")
      #expect((RetrySchedule.attemptsMax...RetrySchedule.attemptsMax + 3).contains(attempts.count))
      #expect((299_135 * 800...299_135 * 1200 + hour).contains(lasted))
      #expect(simulation.pausedAt.count <= 3)
    case .overload, .unreachable:
      #expect(simulation.dead.isEmpty, "a destination's answer kills nothing")
    case nil: Issue.record("no fault")
    }
    // The others: within seconds, and every ten minutes one.
    let rest = 4340 - 1
    #expect(simulation.delivered.count == rest)
    let behind = Message(number: 13, chat: "chat 3")
    let began = try #require(simulation.attempts(of: behind).first)
    let waited = began - attempts[0]
    if row.fault == .messageForGood {
      #expect(waited < 10 * second, "it goes on when the letter is dead")
    } else {
      // What tells that others get through comes every ten minutes.
      #expect((15 * minute...15 * minute + 12 * minute).contains(waited), "\(waited)")
    }

    simulation.run(until: 31 * day)
    #expect(simulation.delivered.count + simulation.dead.count == rest + 1)
    #expect(simulation.queue.unsettled == 0)
    try check(destination, row)
  }

  // MARK: What is no trouble

  @Test(arguments: table.filter { $0.fault == nil })
  func `a success is one whatever comes with it`(row: Row) throws {
    let destination = try SimulatedDestination(row.trouble)
    var simulation = Simulation { _, _ in destination.outcome(failing: true) }
    for number in 0..<30 { simulation.add(Message(number: number, chat: "chat \(number % 3)")) }
    simulation.run(until: minute)
    #expect(simulation.delivered.count == 30 && simulation.attempts.count == 30)
    #expect(simulation.pausedAt.isEmpty)
    #expect(destination.outcomes(failing: true) == [.delivered])
  }

  // MARK: Troubles that come and go

  static let flaps: [Row] = [
    Row(name: "closed", trouble: .answer(.close), fault: .unreachable),
    Row(name: "302", trouble: .redirect(302), fault: .destination),
    .status(503, .overload), .status(404, .destination), .status(500, .messageForNow),
  ]

  @Test(arguments: flaps)
  func `a flapping destination gets everything, and nothing dies`(row: Row) throws {
    let destination = try SimulatedDestination(row.trouble)
    var simulation = Simulation { _, now in
      destination.outcome(failing: now / (20 * second) % 2 == 1)
    }
    for number in 0..<2000 {
      simulation.run(until: Int64(number) * second)
      simulation.add(Message(number: number, chat: "chat \(number % 20)"))
    }
    simulation.run(until: 2000 * second + 10 * minute)
    #expect(simulation.dead.isEmpty)
    // A message that was found at fault waits for itself, and its chat a quarter of an hour for it.
    let isInOrder = row.fault != .messageForNow
    if !isInOrder { simulation.run(until: 4 * day) }
    #expect(simulation.dead.isEmpty && simulation.delivered.count == 2000)
    for chat in 0..<20 where isInOrder {
      let numbers = simulation.delivered.filter { $0.chat == "chat \(chat)" }.map(\.number)
      #expect(numbers == numbers.sorted())
    }
    #expect(simulation.pausedAt.count > 10)
    #expect(destination.exchangeCount(failing: true) == 25)
  }

  @Test(arguments: [429, 503], [true, false])
  func `Retry-After is kept to the second, as a number and as a date`(status: Int, isDate: Bool)
    throws
  {
    let start = ContinuousClock.now
    let value = isDate ? HTTPDate.text(secondsFromNow: 7200) : "7200"
    let destination = try SimulatedDestination(
      .answer(.status(status, headers: ["Retry-After: \(value)"])))
    var isFirst = true
    var simulation = Simulation { _, _ in
      defer { isFirst = false }
      return destination.outcome(failing: isFirst)
    }
    simulation.add(Message(number: 0, chat: "chat 0"))
    simulation.run(until: second)
    for number in 1..<50 { simulation.add(Message(number: number, chat: "chat \(number)")) }
    simulation.run(until: day)
    #expect(simulation.delivered.count == 50 && simulation.dead.isEmpty)
    // A date has whole seconds, and some pass before the answer is read.
    let passed = isDate ? Int64((ContinuousClock.now - start) / .seconds(1)) + 2 : 0
    let next = try #require(simulation.attempts.dropFirst().first?.at)
    #expect(((7200 - passed) * second...7201 * second).contains(next))
  }
}
