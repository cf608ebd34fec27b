import Delivery
import Testing

@testable import Destinations

/// By producers that are none.
struct KafkaProducerEndTests {
  /// Takes everything, tells of nothing, and comes to its end when it has three messages.
  private final class Producer: KafkaProducer {
    private(set) var underWay: [DeliveryAttempt] = []
    let descriptor: Int32 = -1

    var fatalFault: KafkaError? {
      underWay.count < 3 ? nil : KafkaError(kind: .fatal, description: "over")
    }

    func produce(_ attempts: ArraySlice<DeliveryAttempt>) -> (taken: Int, fault: KafkaError?) {
      underWay += attempts
      return (attempts.count, nil)
    }

    func take(_ report: (consuming DeliveryAttempt, KafkaError?) -> Void) {}
    func knows(topic: String, milliseconds: Int) throws(KafkaError) -> Bool { true }
  }

  @Test func `what a producer had not told of at its end fails once, and the next one is made`()
    throws
  {
    var made = 0
    let destination = KafkaDestination(KafkaSettings(brokers: "none", topic: "none")) { _ in
      made += 1
      return Producer()
    }
    for round in 1...2 {
      for ticket in 0..<3 {
        destination.begin(DeliveryAttempt(ticket: ticket, record: try TestRecord.of("{}")))
      }
      #expect(destination.wait(milliseconds: 0, wakeUps: []).isEmpty)
      #expect(made == round)
      let reports = destination.wait(milliseconds: 0, wakeUps: [])
      #expect(reports.map(\.ticket).sorted() == [0, 1, 2])
      #expect(reports.allSatisfy { $0.outcome == .failed(reason: "over") })
    }
  }
}
