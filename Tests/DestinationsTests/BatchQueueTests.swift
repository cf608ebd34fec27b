import Notice
import Testing

@testable import Destinations

@Suite struct BatchQueueTests {
  func attempt(_ ticket: Int, body: String = "{}") throws -> DeliveryAttempt {
    DeliveryAttempt(ticket: ticket, record: try TestRecord.of(body, number: UInt64(ticket)))
  }

  func settings(_ recordsMax: Int, linger: Int = 0) -> BatchSettings {
    var settings = BatchSettings(recordsMax: recordsMax)
    settings.lingerMilliseconds = linger
    return settings
  }

  @Test func `without settings each attempt is a batch`() throws {
    var queue = BatchQueue(nil)
    for ticket in 0..<3 { queue.add(try attempt(ticket), now: 0) }
    #expect((0..<4).map { _ in queue.nextClosed()?.map(\.ticket) } == [[0], [1], [2], nil])
  }

  @Test func `a full batch goes at once, the rest when it is due`() throws {
    var queue = BatchQueue(settings(3, linger: 50))
    #expect(queue.dueMilliseconds == nil)
    for ticket in 0..<5 { queue.add(try attempt(ticket), now: 100 + ticket) }
    #expect(queue.dueMilliseconds == 0)
    #expect(queue.nextClosed()?.map(\.ticket) == [0, 1, 2])
    #expect(queue.nextClosed() == nil)
    // From the first one's coming.
    #expect(queue.dueMilliseconds == 153)
    #expect(queue.nextDue(now: 152) == nil)
    #expect(queue.nextDue(now: 153)?.map(\.ticket) == [3, 4])
    #expect(queue.dueMilliseconds == nil)
    #expect(queue.nextDue(now: 1000) == nil)
  }

  @Test func `a batch holds no more bytes than it may, except of one large record`() throws {
    var settings = settings(100)
    let small = try attempt(0).record.line.count
    settings.bytesMax = small * 2 + 10
    var queue = BatchQueue(settings)
    for ticket in 0..<3 { queue.add(try attempt(ticket), now: 0) }
    queue.add(try attempt(3, body: "[\"\(String(repeating: "x", count: 9999))\"]"), now: 0)
    queue.add(try attempt(4), now: 0)
    var batches: [[Int]] = []
    while let batch = queue.nextDue(now: 0) { batches.append(batch.map(\.ticket)) }
    #expect(batches == [[0, 1], [2], [3], [4]])
  }

  @Test func `halves go before all others`() throws {
    var queue = BatchQueue(settings(1))
    queue.add(try attempt(9), now: 0)
    queue.bisect(try (0..<5).map { try attempt($0) })
    #expect(
      (0..<4).map { _ in queue.nextClosed()?.map(\.ticket) } == [[0, 1], [2, 3, 4], [9], nil])
  }
}
