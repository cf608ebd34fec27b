import Delivery
import Notice
import Testing

@testable import Destinations

/// What becomes of messages, by a producer that is none.
struct KafkaMessagesTests {
  /// Takes so many messages at once, at first and later, and refuses all together among which a bad one is: as a broker does
  /// with a request.
  private final class Producer: KafkaProducer {
    private var room: Int
    private let laterRoom: Int
    let bad: Set<String>
    /// Thrown when the message of this number is handed over.
    var fault: (number: Int, error: KafkaError)?
    private(set) var groups: [[String]] = []
    private(set) var underWay: [DeliveryAttempt] = []
    private var handed = 0

    init(room: Int, later: Int? = nil, bad: Set<String> = []) {
      self.room = room
      laterRoom = later ?? room
      self.bad = bad
    }

    var descriptor: Int32 { -1 }
    var fatalFault: KafkaError? { nil }
    func knows(topic: String, milliseconds: Int) throws(KafkaError) -> Bool { true }

    func produce(_ attempts: ArraySlice<DeliveryAttempt>) -> (taken: Int, fault: KafkaError?) {
      for (taken, attempt) in attempts.enumerated() {
        handed += 1
        if let fault, handed == fault.number { return (taken, fault.error) }
        guard underWay.count < room else {
          return (taken, KafkaError(kind: .queueFull, description: "full"))
        }
        underWay.append(attempt)
      }
      return (attempts.count, nil)
    }

    func takeBack() -> [DeliveryAttempt] {
      defer { underWay = [] }
      return underWay
    }

    func take(_ report: (consuming DeliveryAttempt, KafkaError?) -> Void) {
      let group = underWay
      underWay = []
      room = laterRoom
      if !group.isEmpty { groups.append(group.map(\.record.id)) }
      let isBad = group.contains { bad.contains($0.record.id) }
      for attempt in group {
        report(attempt, isBad ? KafkaError(kind: .message, description: "bad") : nil)
      }
    }
  }

  private let records: [NoticeRecord]

  init() throws {
    records = try (0..<40).map { try TestRecord.of("{}", number: UInt64($0)) }
  }

  /// Until all have an outcome: those of each ticket.
  private func outcomes(
    by producer: Producer, turnsMax: Int = 1000
  ) throws(KafkaError) -> [Int: [DeliveryOutcome]] {
    var messages = KafkaMessages()
    var outcomes: [Int: [DeliveryOutcome]] = [:]
    for (ticket, record) in records.enumerated() {
      messages.add(DeliveryAttempt(ticket: ticket, record: record))
    }
    for _ in 0..<turnsMax {
      if messages.mayGo {
        do throws(KafkaError) {
          try messages.hand(to: producer)
        } catch {
          messages.failAll(error, unreported: producer.takeBack())
        }
      }
      messages.take(from: producer)
      messages.judge()
      var reports: [DeliveryReport] = []
      messages.moveReports(to: &reports)
      for report in reports {
        outcomes[report.ticket, default: []].append(report.outcome)
      }
      if outcomes.count == records.count { break }
    }
    return outcomes
  }

  @Test(
    arguments: [(1, 1), (2, 2), (7, 7), (100, 100), (7, 40), (40, 3), (40, 1)],
    [[], [0], [39], [5, 6], [1, 17, 30]])
  func `each has one outcome, and of those refused together only the bad ones are refused`(
    room: (first: Int, later: Int), bad: [Int]
  ) throws {
    let producer = Producer(
      room: room.first, later: room.later, bad: Set(bad.map { records[$0].id }))
    let outcomes = try outcomes(by: producer)
    for ticket in records.indices {
      #expect(
        outcomes[ticket] == [bad.contains(ticket) ? .refused(reason: "bad") : .delivered],
        "\(ticket)")
    }
    if bad.isEmpty { #expect(producer.groups.map(\.count).reduce(0, +) == records.count) }
  }

  /// The fault comes among the first messages, or among those that go once more.
  @Test(arguments: [1, 20, 45, 55])
  func `where the producer is at its end, all that is left fails once`(number: Int) throws {
    let producer = Producer(room: 100, bad: [records[3].id])
    producer.fault = (number, KafkaError(kind: .fatal, description: "over"))
    let outcomes = try outcomes(by: producer)
    #expect(outcomes.count == records.count && outcomes.values.allSatisfy { $0.count == 1 })
    #expect(outcomes.values.contains([.failed(reason: "over")]))
  }

  @Test func `what alone is not taken is refused, what finds no room among others waits`() throws {
    let outcomes = try outcomes(by: Producer(room: 0))
    #expect(outcomes.count == records.count)
    #expect(outcomes.values.allSatisfy { $0 == [.refused(reason: "full")] })
  }
}
