import JSONText
import Notice
import Spool
import Testing

@testable import NoticeSender

struct PendingRecordsTests {
  /// Of a megabyte.
  private let record: NoticeRecord
  private let place = PendingRecords.Place(
    position: SpoolPosition(segment: 1, offset: 0), origin: .spool)

  init() throws {
    let body = "{\"text\":\"\(String(repeating: "x", count: 1 << 20))\"}"
    let line = try NoticeRecord.line(
      for: JSONText(validating: Array(body.utf8)), kind: .other,
      request: ReceivedRequest(remote: "192.0.2.1", method: "GET", path: "/notice"),
      receivedAt: 1_795_330_112_123_000_000, random: 1)
    record = try NoticeRecord(line: Array(line.dropLast()).span)
  }

  private func ticket(_ slot: Int, _ number: Int = 1) -> Int { number << 20 | slot }

  @Test
  func
    `a record that is tried belongs to whoever tries it, and is at hand again when it is given back`()
  {
    var records = PendingRecords()
    records.keep(record, at: place, ticket(0))
    #expect(records.take(ticket(0)) === record)
    #expect(records.take(ticket(0)) == nil)
    #expect(records.place(ticket(0)) == place)
    records.keep(record, ofTicket: ticket(0))
    #expect(records.take(ticket(0)) === record)
    #expect(records.forget(ticket(0)) == place)
    records.keep(record, ofTicket: ticket(0))
    #expect(records.take(ticket(0)) == nil, "it is settled")
    #expect(records.forget(ticket(0)) == nil)
  }

  @Test func `memory counts from when a record is read until it is settled, once`() {
    var records = PendingRecords()
    for slot in 0..<30 { records.keep(record, at: place, ticket(slot)) }
    let kept = (0..<30).filter { records.take(ticket($0)) != nil }
    #expect(kept == Array(0..<6), "as many as six megabytes are kept for later")
    for slot in 6..<23 { records.keep(record, ofTicket: ticket(slot)) }
    for _ in 0..<10 { for slot in kept { records.keep(record, ofTicket: ticket(slot)) } }
    #expect(!records.isFull)
    records.keep(record, ofTicket: ticket(23))
    #expect(records.isFull)
    records.forget(ticket(0))
    #expect(!records.isFull)
    // A thousand that come and go take no more than one.
    for number in 2..<1000 {
      records.keep(record, at: place, ticket(0, number))
      _ = records.take(ticket(0, number))
      records.keep(record, ofTicket: ticket(0, number))
      records.forget(ticket(0, number))
    }
    #expect(!records.isFull)
    for slot in 1..<24 { records.forget(ticket(slot)) }
    for slot in 0..<6 { records.keep(record, at: place, ticket(slot, 1000)) }
    #expect((0..<7).filter { records.take(ticket($0, 1000)) != nil } == Array(0..<6))
  }
}
