/// The pushes that a destination was given last, and by which record each: what a later record is compared with that
/// may be the same push once more. Bounded: what is forgotten may be delivered again; nothing that was not
/// delivered is ever taken for a duplicate.
package struct DeliveredPushes: Sendable {
  package struct Push: Sendable, Hashable {
    /// Of all that makes a push the same, so long that two never have one by chance.
    package let digest: UInt128
    /// The id of the record that it came in.
    package let record: UInt128

    package init(digest: UInt128, record: UInt128) {
      self.digest = digest
      self.record = record
    }
  }

  /// The platform repeats a push within minutes; this is what the busiest day may bring.
  package static let countMax = 100_000

  private let countMax: Int
  private var recordByDigest: [UInt128: UInt128] = [:]
  private var oldestFirst: ArraySlice<Push> = []

  package init(countMax: Int = DeliveredPushes.countMax) {
    self.countMax = countMax
  }

  /// The oldest first.
  package var all: ArraySlice<Push> { oldestFirst }

  /// Whether another record with the same push was delivered. The same record once more is no duplicate: that is a
  /// delivery that is repeated on purpose, after a crash or by a person.
  package func hasDuplicate(of push: Push) -> Bool {
    recordByDigest[push.digest].map { $0 != push.record } ?? false
  }

  /// Returns whether this is the first delivery of the push, as far as is remembered.
  @discardableResult
  package mutating func delivered(_ push: Push) -> Bool {
    guard recordByDigest[push.digest] == nil else { return false }
    recordByDigest[push.digest] = push.record
    oldestFirst.append(push)
    if oldestFirst.count > countMax, let oldest = oldestFirst.popFirst() {
      recordByDigest[oldest.digest] = nil
    }
    return true
  }
}
