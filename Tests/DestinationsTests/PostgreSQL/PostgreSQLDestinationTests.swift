import Delivery
import Foundation
import JSONText
import Notice
import TestSupport
import Testing

@testable import Destinations

/// What the table gets, from a server that works.
@Suite(
  .serialized, .timeLimit(.minutes(15)),
  .enabled(if: Engine.postgreSQL.isBuiltIn, "built without the trait PostgreSQL"))
struct PostgreSQLDestinationTests {
  let server: PostgreSQLServer

  init() throws { server = try PostgreSQLServer() }

  func destination(
    _ change: (inout PostgreSQLSettings) -> Void = { _ in }
  ) throws -> PostgreSQLDestination {
    var settings = PostgreSQLSettings(connection: server.connection)
    settings.createsTable = true
    change(&settings)
    return try PostgreSQLDestination(settings)
  }

  func records(_ count: Int) throws -> [NoticeRecord] {
    try (0..<count).map {
      try TestRecord.of("{\"data\":{\"messageId\":\"\($0)\",\"chatId\":\"c\"}}", number: UInt64($0))
    }
  }

  @Test func `every sample arrives with its columns and its record unchanged`() throws {
    let samples = try Samples.names.enumerated().map {
      try TestRecord.of(sample: $1, number: UInt64($0))
    }
    #expect(try destination().outcomes(of: samples).allSatisfy { $0 == .delivered })
    // PostgreSQL itself cannot read this one as jsonb.
    for (name, record) in zip(Samples.names, samples) where name != "odd-but-valid.json" {
      let line = String(decoding: record.line, as: UTF8.self)
      let held = try server.query(
        "SELECT record = $n$\(line)$n$ FROM notices"
          + " WHERE id = '\(record.id)' AND kind = '\(record.kind.rawValue)'"
          + " AND received_at = '\(record.string(.receivedAt) ?? "")'"
      ).first
      #expect(held == "t", "\(name)")
    }
    #expect(
      try server.query(
        """
        SELECT message_id, chat_id, room_id, room_topic, contact_id, contact_name, bot_id, type,
          type_name, sent_at AT TIME ZONE 'UTC', is_self, mention_self, source, text FROM notices
        WHERE id = '\(samples[try #require(Samples.names.firstIndex(of: "text-room-mention.json"))].id)'
        """) == [
          "1000703|60ae24d7f630f1dd8745eb86|R:10696050465026800|产品交流群|7881300085910772|李雷|"
            + "68d3b986de170dd6eb01982a|7|text|2025-11-07 04:26:31|f|t||@助手 明天几点开会？😀"
        ])
    #expect(
      try server.query(
        "SELECT message_id, type, text, record IS NULL, record_text LIKE '%\\u0000%' FROM notices"
          + " WHERE message_id = '12345678901234567890'")
        == ["12345678901234567890|7|😀 \u{FFFD} / \u{FFFD}|t|t"])
  }

  static let bodies = [
    (#"{"a":"\u0000"}"#, false), (#"{"a":"\ud800"}"#, false), (#"{"a":"\udc00\ud800"}"#, false),
    (#"{"\ud83d":1}"#, false), ("[1e400000]", false), ("[1E-400000]", false),
    ("[" + String(repeating: "9", count: 200_000) + "]", false),
    ("[0." + String(repeating: "1", count: 20_000) + "]", false),
    (#"{"a":"\ud83d\ude00 \\u0000 \\\\ud800"}"#, true),
    ("[1e300,-1.5E-30,123456789012345678901234567890]", true),
    (#"[true,false,null,"1e400000"]"#, true),
    (#"["\"","\\","a\"\\",["\\\""],"9e99999",1]"#, true),
    (#"["\"1e99999\\",1e99999]"#, false), (#"["\n\"",{"\\":"\\\u0000"}]"#, false),
    (String(repeating: "[", count: 500) + String(repeating: "]", count: 500), true),
  ]

  @Test func `what jsonb refuses is kept as text, and only that`() throws {
    let odd = try Self.bodies.enumerated().map {
      try TestRecord.of($1.0, number: 100 + UInt64($0))
    }
    // They stand among others that have nothing odd.
    let plain = try records(9)
    let outcomes = try destination().outcomes(of: plain[..<5] + odd + plain[5...])
    #expect(outcomes.allSatisfy { $0 == .delivered })
    for ((body, isJSONB), record) in zip(Self.bodies, odd) {
      let column = isJSONB ? "record IS NOT NULL AND record_text IS NULL" : "record_text"
      let held = try server.query("SELECT \(column) FROM notices WHERE id = '\(record.id)'")
      #expect(held == [isJSONB ? "t" : String(decoding: record.line, as: UTF8.self)], "\(body)")
      // No batch had to be halved for it.
      let line = record.line
      #expect(JSONBText.takes(line.span) == isJSONB)
    }
    #expect(
      try server.query("SELECT count(record) FROM notices WHERE message_id IS NOT NULL") == ["9"])
  }

  @Test func `repeats change nothing, within a batch as well`() throws {
    let records = try records(20)
    let repeated = records + records + records
    #expect(try destination().outcomes(of: repeated).allSatisfy { $0 == .delivered })
    try server.query("UPDATE notices SET text = 'changed by its user'")
    let outcomes = try destination { $0.recordsMax = 7 }.outcomes(of: repeated)
    #expect(outcomes.allSatisfy { $0 == .delivered })
    #expect(
      try server.query("SELECT count(*), count(DISTINCT id), min(text) FROM notices")
        == ["20|20|changed by its user"])
  }

  @Test func `a record that breaks a rule of the table is refused alone`() throws {
    let all = try records(100)
    #expect(try destination().outcome(of: all[0]) == .delivered)
    try server.query("ALTER TABLE notices ADD CHECK (message_id IS NULL OR message_id <> '42')")
    // The bare row has no message_id: it is a rule that every row of this record breaks that refuses it.
    try server.query("ALTER TABLE notices ADD CHECK (id <> '\(all[77].id)')")
    let outcomes = try destination().outcomes(of: all)
    for (number, outcome) in outcomes.enumerated() where number != 77 {
      #expect(outcome == .delivered, "\(number)")
    }
    guard case .refused(let reason) = outcomes[77] else {
      Issue.record("\(String(describing: outcomes[77]))")
      return
    }
    #expect(reason.contains("check constraint") && reason.hasSuffix("(23514)"))
    #expect(try server.query("SELECT count(*) FROM notices") == ["99"])
    #expect(
      try server.query(
        "SELECT message_id IS NULL, record_text IS NOT NULL FROM notices"
          + " WHERE id = '\(all[42].id)'") == ["t|t"])
  }

  @Test func `a value that no index takes costs its columns and not its record`() throws {
    var random = SeededGenerator(seed: 7)
    let long = (0..<9000).map { _ in String(UInt8.random(in: 16...255, using: &random), radix: 16) }
    let record = try TestRecord.of(
      "{\"data\":{\"chatId\":\"\(long.joined())\",\"messageId\":\"1\"}}")
    #expect(try destination().outcome(of: record) == .delivered)
    #expect(
      try server.query(
        "SELECT chat_id IS NULL, record_text = $n$\(String(decoding: record.line, as: UTF8.self))$n$ FROM notices"
      ) == ["t|t"])
  }

  @Test func `what fails only at the commit is not delivered`() throws {
    let all = try records(3)
    #expect(try destination().outcome(of: all[0]) == .delivered)
    try server.query(
      """
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
      CREATE CONSTRAINT TRIGGER late AFTER INSERT ON notices DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id = '\(all[1].id)') EXECUTE FUNCTION refuse()
      """)
    let outcomes = try destination().outcomes(of: all)
    #expect(outcomes == [.delivered, .refused(reason: "not this one (P0001)"), .delivered])
    #expect(try server.query("SELECT count(*) FROM notices") == ["2"])
  }
}
