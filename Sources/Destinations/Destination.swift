package import Delivery
package import Notice

/// Somewhere that records are delivered to. It carries out attempts and reports what became of each; it
/// decides nothing, keeps no record of its own, and is used by one thread.
package protocol Destination: AnyObject {
  /// How many attempts may be under way at once.
  var capacity: Int { get }

  /// Takes on an attempt, without waiting for it. Its outcome comes out of ``wait(milliseconds:wakeUps:into:)``.
  func begin(_ attempt: consuming DeliveryAttempt)

  /// Works until an attempt has an outcome, `milliseconds` have passed, or one of the descriptors `wakeUps` is readable;
  /// puts the outcomes there are behind the others of `reports`. Every attempt begun gets exactly one, after a bounded time.
  func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport])
}

/// A record on its way.
package struct DeliveryAttempt: Sendable {
  /// The caller's name for it.
  package let ticket: Int
  package let record: NoticeRecord

  package init(ticket: Int, record: NoticeRecord) {
    self.ticket = ticket
    self.record = record
  }
}

/// What became of an attempt, which is given back with it.
package struct DeliveryReport: Sendable {
  package let attempt: DeliveryAttempt
  package let outcome: DeliveryOutcome

  package init(_ attempt: DeliveryAttempt, _ outcome: DeliveryOutcome) {
    self.attempt = attempt
    self.outcome = outcome
  }

  package var ticket: Int { attempt.ticket }
}
