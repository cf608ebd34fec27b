import Delivery

/// Batches on their way into a table: which goes next, and what becomes of one that is refused. One that has rows which are
/// there already goes again in a way that leaves those out; one that is refused for what is in it is halved until the record
/// at fault stands alone, and that goes once more as bare as can be. Pure: no clock and no I/O of its own.
struct PostgreSQLBatches {
  struct Batch {
    var attempts: ArraySlice<DeliveryAttempt>
    /// Whether some of it may be in the table already.
    var mayRepeat = false
    var form = PostgreSQLTable.Form.whole
  }

  /// While the server works on one, others are there for it to go on with.
  static let underWayMax = 3
  /// How many attempts there can be, with one more batch that is put together meanwhile.
  static func attemptsMax(recordsMax: Int) -> Int { recordsMax * (underWayMax + 1) }

  /// Of records in a batch; one that is larger goes alone.
  private static let bytesMax = 8 << 20

  private var queue: BatchQueue
  /// Parts of batches that were refused; the last goes first.
  private var again: [Batch] = []
  private var underWay: ArraySlice<Batch> = []

  init(recordsMax: Int) {
    var settings = BatchSettings(recordsMax: recordsMax)
    settings.bytesMax = Self.bytesMax
    queue = BatchQueue(settings)
  }

  var areWaiting: Bool { !again.isEmpty || queue.dueMilliseconds != nil }
  var areUnderWay: Bool { !underWay.isEmpty }

  mutating func add(_ attempt: DeliveryAttempt) { queue.add(attempt, now: 0) }

  /// The next to be sent; it counts as under way. One that is not full waits for more as long as others are. nil: none, or
  /// enough are under way.
  mutating func next() -> Batch? {
    guard underWay.count < Self.underWayMax,
      let batch = again.popLast()
        ?? (underWay.isEmpty ? queue.nextDue(now: 0) : queue.nextClosed())
        .map({ Batch(attempts: $0[...]) })
    else { return nil }
    underWay.append(batch)
    return batch
  }

  /// The table has the batch that is under way for the longest time.
  mutating func take() -> ArraySlice<DeliveryAttempt> {
    underWay.popFirst()?.attempts ?? []
  }

  /// The table has nothing of the batch that is under way for the longest time, for what is in it. Returns the attempt that is
  /// refused for good; nil: what goes again is seen to.
  mutating func refuse(_ error: PostgreSQLError) -> DeliveryAttempt? {
    guard var batch = underWay.popFirst() else { return nil }
    if error.isDuplicate, !batch.mayRepeat {
      batch.mayRepeat = true
      again.append(batch)
    } else if batch.attempts.count > 1 {
      let attempts = batch.attempts
      let middle = attempts.startIndex + attempts.count / 2
      for half in [attempts[middle...], attempts[..<middle]] {
        batch.attempts = half
        again.append(batch)
      }
    } else if batch.form == .whole {
      batch.form = .bare
      again.append(batch)
    } else {
      return batch.attempts.first
    }
    return nil
  }

  /// All there are, under way or not, and none is left.
  mutating func takeAll() -> [DeliveryAttempt] {
    var all = (Array(underWay) + again).flatMap(\.attempts)
    underWay = []
    again = []
    while let batch = queue.nextDue(now: 0) { all += batch }
    return all
  }
}
