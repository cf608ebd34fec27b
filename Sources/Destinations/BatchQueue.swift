import Notice

/// Attempts that were begun and wait to be sent, put together to batches. Pure: no clock and no I/O of its own. Times
/// are milliseconds of one clock that never jumps.
struct BatchQueue {
  private let recordsMax: Int
  private let bytesMax: Int
  private let lingerMilliseconds: Int
  /// Batches that nothing is added to any more.
  private var closed: [[DeliveryAttempt]] = []
  /// The batch that the next attempt is added to; due at its time, or when it is full.
  private var open: [DeliveryAttempt] = []
  private var openBytes = 0
  private var openDueMilliseconds = 0

  /// Without settings, each attempt is a batch of its own.
  init(_ settings: BatchSettings?) {
    recordsMax = settings?.recordsMax ?? 1
    bytesMax = settings?.bytesMax ?? .max
    lingerMilliseconds = settings?.lingerMilliseconds ?? 0
  }

  /// When there is something to send, by what is known now: a time that may have passed; nil: nothing.
  var dueMilliseconds: Int? {
    if !closed.isEmpty { return 0 }
    return open.isEmpty ? nil : openDueMilliseconds
  }

  mutating func add(_ attempt: DeliveryAttempt, now: Int) {
    let bytes = attempt.record.line.count
    if !open.isEmpty, openBytes + bytes > bytesMax { close() }
    if open.isEmpty { openDueMilliseconds = now + lingerMilliseconds }
    open.append(attempt)
    openBytes += bytes
    if open.count >= recordsMax || openBytes >= bytesMax { close() }
  }

  /// The next batch that nothing more can be added to.
  mutating func nextClosed() -> [DeliveryAttempt]? {
    // They are few: more are not begun than a destination has room for.
    closed.isEmpty ? nil : closed.removeFirst()
  }

  /// The next batch, full or not, that is due.
  mutating func nextDue(now: Int) -> [DeliveryAttempt]? {
    if closed.isEmpty, !open.isEmpty, openDueMilliseconds <= now { close() }
    return nextClosed()
  }

  /// A batch was not taken for what is in it: its halves go next, each by itself.
  mutating func bisect(_ batch: [DeliveryAttempt]) {
    let middle = batch.count / 2
    closed.insert(
      contentsOf: [Array(batch[..<middle]), Array(batch[middle...])], at: 0)
  }

  private mutating func close() {
    closed.append(open)
    open = []
    openBytes = 0
  }
}
