import Delivery
import Foundation
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct SQLiteDestinationTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/notices.db"
  }

  func rows(_ sql: String = "SELECT * FROM notices ORDER BY rowid") throws -> [[String: String]] {
    try DatabaseReader.rows(path, sql)
  }

  @Test func `every sample arrives with its body and its record unchanged`() throws {
    let records = try Samples.names.enumerated().map {
      try TestRecord.of(sample: $1, number: UInt64($0))
    }
    #expect(records.count == 18)
    let outcomes = SQLiteDestination(path: path).outcomes(of: records)
    #expect(outcomes.allSatisfy { $0 == .delivered })
    let rows = try rows()
    try #require(rows.count == records.count)
    for (row, record) in zip(rows, records) {
      #expect(row["id"] == record.id)
      #expect(row["received_at"] == record.string(.receivedAt))
      #expect(row["kind"] == record.kind.rawValue)
      #expect(row["body"] == String(decoding: record.body, as: UTF8.self))
      #expect(row["record"] == String(decoding: record.line, as: UTF8.self))
    }
  }

  /// The columns besides those of the envelope.
  static let columns: [String: [String: String]] = [
    "text-room-mention.json": [
      "message_id": "1000703", "chat_id": "60ae24d7f630f1dd8745eb86",
      "room_id": "R:10696050465026800", "room_topic": "产品交流群", "contact_id": "7881300085910772",
      "contact_name": "李雷", "bot_id": "68d3b986de170dd6eb01982a", "type": "7",
      "type_name": "text", "sent_at": "2025-11-07T04:26:31.000Z", "is_self": "0",
      "mention_self": "1", "text": "@助手 明天几点开会？😀",
    ],
    "odd-but-valid.json": [
      "message_id": "12345678901234567890", "bot_id": "b", "type": "7", "type_name": "text",
      "text": "😀 \0 / \u{FFFD}",
    ],
    "flat-organisation.json": [
      "message_id": "1000900", "chat_id": "60ae24d7f630f1dd8745eb87",
      "contact_id": "7881300085910772", "type": "7", "type_name": "text",
      "sent_at": "2025-11-07T04:26:31.000Z", "text": "flat dialect",
    ],
    "room-left-event.json": [
      "room_id": "R:10696050465026800", "bot_id": "68d3b986de170dd6eb01982a",
      "sent_at": "2025-11-07T04:28:20.000Z",
    ],
  ]

  @Test(arguments: columns.keys.sorted())
  func `the columns of a sample are right, and NULL where it has nothing`(name: String) throws {
    let outcome = SQLiteDestination(path: path).outcome(of: try TestRecord.of(sample: name))
    #expect(outcome == .delivered)
    var row = try #require(rows().first)
    for column in ["id", "received_at", "kind", "body", "record"] { row[column] = nil }
    #expect(row == Self.columns[name])
  }

  @Test(arguments: [
    (#"{"type":7}"#, "integer", "7"), (#"{"type":"7"}"#, "integer", "7"),
    (#"{"type":"seven"}"#, "text", "seven"), (#"{"type":7.5}"#, "text", "7.5"),
    (#"{"type":99999999999999999999}"#, "text", "99999999999999999999"),
    (#"{"type":10002}"#, "integer", "10002"),
  ])
  func `a type is a number where it is one and stays text else`(
    body: String, kind: String, value: String
  ) throws {
    let outcome = SQLiteDestination(path: path).outcome(of: try TestRecord.of(body))
    #expect(outcome == .delivered)
    #expect(
      try rows("SELECT typeof(type) kind, type FROM notices") == [["kind": kind, "type": value]])
  }

  @Test(arguments: [
    (#"{"payload":"plain"}"#, "plain"), (#"{"payload":{"text":"a","pureText":"b"}}"#, "a"),
    (#"{"payload":{"text":"","pureText":"b"}}"#, "b"), (#"{"payload":{"pureText":"b"}}"#, "b"),
    (#"{"payload":{"text":5}}"#, nil), (#"{"payload":""}"#, nil), (#"{"payload":null}"#, nil),
    (#"{"payload":[{"text":"a"}]}"#, nil), ("[]", nil),
  ])
  func `the text is the payload's text, its pureText, or the payload itself`(
    body: String, text: String?
  ) throws {
    let outcome = SQLiteDestination(path: path).outcome(of: try TestRecord.of(body))
    #expect(outcome == .delivered)
    #expect(try rows().first?["text"] == text)
    #expect(try rows().first?["body"] == body)
  }

  @Test func `a second delivery changes nothing`() throws {
    let record = try TestRecord.of(sample: "text-private.json")
    let other = try TestRecord.of(sample: "voice.json", number: 1)
    #expect(SQLiteDestination(path: path).outcome(of: record) == .delivered)
    try DatabaseReader.execute(path, "UPDATE notices SET text = 'changed by its user'")
    let before = try rows()
    let destination = SQLiteDestination(path: path)
    #expect(
      destination.outcomes(of: [record, other, record, other])
        == Array(repeating: .delivered, count: 4))
    let after = try rows()
    #expect(after.count == 2)
    #expect(after.first == before.first)
  }

  @Test func `three thousand records are three transactions, each synced`() throws {
    let records = try (0..<3000).map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
    let destination = SQLiteDestination(path: path)
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    #expect(try rows("SELECT count(*) n FROM notices") == [["n": "3000"]])
    #expect(try rows("PRAGMA journal_mode") == [["journal_mode": "wal"]])
    // FULL, which only the connection itself can tell.
    #expect(try destination.open?.connection.integer("PRAGMA synchronous") == 2)
  }

  @Test func `the files are made for owner and group only`() throws {
    let destination = SQLiteDestination(path: path)
    #expect(try destination.outcome(of: TestRecord.of("{}")) == .delivered)
    for name in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
      let mode = try #require(attributes[.posixPermissions] as? Int)
      #expect(mode & ~0o640 == 0, "\(name) \(String(mode, radix: 8))")
    }
  }

  @Test func `a chat's messages and the latest arrivals are found by an index`() throws {
    #expect(try SQLiteDestination(path: path).outcome(of: TestRecord.of("{}")) == .delivered)
    for (condition, index) in [
      ("chat_id = 'x' ORDER BY sent_at", "notices_by_chat"),
      ("received_at < 'x' ORDER BY received_at", "notices_by_arrival"),
    ] {
      let plan = try rows("EXPLAIN QUERY PLAN SELECT * FROM notices WHERE \(condition)")
      #expect(plan.count == 1)
      #expect(plan.first?["detail"]?.contains(index) == true)
    }
  }
}
