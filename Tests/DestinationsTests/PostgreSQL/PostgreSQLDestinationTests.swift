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
  private let server: PostgreSQLServer

  init() throws { server = try PostgreSQLServer() }

  private func destination(
    _ change: (inout PostgreSQLSettings) -> Void = { _ in }
  ) throws -> PostgreSQLDestination {
    var settings = PostgreSQLSettings(connection: server.connection)
    settings.createsTable = true
    change(&settings)
    return try PostgreSQLDestination(settings)
  }

  private func records(_ count: Int) throws -> [NoticeRecord] {
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

  private static let bodies = [
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

  @Test func `several senders that begin at once make one table`() throws {
    let records = try records(64)
    let outcomes = try (0..<8).map { _ in try destination { $0.table = "public.from-many" } }
    for destination in outcomes {
      for (ticket, record) in records.enumerated() {
        destination.begin(DeliveryAttempt(ticket: ticket, record: record))
      }
    }
    // All connect before any goes on.
    var reports: [DeliveryReport] = []
    try eventually("all have their outcomes") {
      for destination in outcomes { reports += destination.wait(milliseconds: 5, wakeUps: []) }
      return reports.count == 8 * 64
    }
    #expect(
      reports.allSatisfy { $0.outcome == .delivered },
      "\(reports.map(\.outcome).filter { $0 != .delivered })")
    #expect(try server.query("SELECT count(*) FROM \"from-many\"") == ["64"])
    #expect(
      try server.query("SELECT count(*) FROM pg_indexes WHERE tablename = 'from-many'") == ["3"])
  }

  @Test func `a table that is not right is told before anything is sent`() throws {
    let record = try TestRecord.of("{}")
    func fault(_ change: (inout PostgreSQLSettings) -> Void) throws -> String {
      let outcome = try destination {
        $0.createsTable = false
        change(&$0)
      }.outcome(of: record)
      guard case .failed(let reason) = outcome else { return "\(String(describing: outcome))" }
      return reason
    }
    #expect(try fault { _ in }.contains("\"notices\" does not exist (42P01); create_table: true"))
    try server.query("CREATE TABLE notices(id uuid, kind text)")
    #expect(try fault { _ in }.contains("(42703)"))
    #expect(try destination { $0.table = "whole" }.outcome(of: record) == .delivered)
    try server.query("ALTER TABLE whole DROP CONSTRAINT whole_pkey")
    #expect(try fault { $0.table = "whole" }.contains("unique"))
    try server.query("ALTER TABLE whole ADD PRIMARY KEY (id); CREATE ROLE guest LOGIN")
    try server.query("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0")
    #expect(
      try fault {
        $0.connection += " user=guest"
        $0.table = "whole"
      }.contains("permission denied"))
    #expect(try fault { $0.connection += " dbname=latin" }.contains("encoding is LATIN1"))
  }

  @Test func `a password by itself counts before the connection string's, and neither is told`()
    throws
  {
    let connection = try server.addUser("secretive", password: "hunter2")
    let record = try TestRecord.of("{}")
    func outcome(_ inString: String, _ byItself: String?) throws -> DeliveryOutcome? {
      try destination {
        $0.connection = connection + inString
        $0.password = byItself
      }.outcome(of: record)
    }
    try eventually("the new user has to give a password") {
      try outcome("", nil) != .delivered
    }
    for (inString, byItself) in [(" password=wrong1", nil), (" password=hunter2", "wrong1")] {
      guard case .unreachable(let reason) = try outcome(inString, byItself) else {
        Issue.record("a wrong password is taken")
        return
      }
      #expect(reason.contains("password authentication failed"))
      #expect(!reason.contains("wrong1") && !reason.contains("hunter2"))
    }
    #expect(try outcome(" password=hunter2", nil) == .delivered)
    #expect(try outcome(" password=wrong1", "hunter2") == .delivered)
  }

  /// COPY fails under row-level security.
  @Test(arguments: [
    "",
    "ALTER TABLE notices ENABLE ROW LEVEL SECURITY; ALTER TABLE notices FORCE ROW LEVEL SECURITY;"
      + " CREATE POLICY all_of_it ON notices USING (true); ALTER TABLE notices OWNER TO plain",
  ])
  func `a table that rows cannot be copied into gets them all the same`(change: String) throws {
    let records = try records(30)
    #expect(try destination().outcome(of: records[0]) == .delivered)
    try server.query("CREATE ROLE plain LOGIN")
    try server.query("GRANT INSERT, SELECT ON notices TO plain; \(change)")
    let outcomes = try destination {
      $0.connection += " user=plain"
      $0.createsTable = false
    }.outcomes(of: records)
    #expect(outcomes.allSatisfy { $0 == .delivered }, "\(outcomes)")
    #expect(
      try server.query("SELECT count(DISTINCT message_id), count(*) FROM notices") == ["30|30"])
  }

  @Test func `rows are copied, and columns of other types get what an insertion makes of them`()
    throws
  {
    let record = try TestRecord.of(sample: "text-room-mention.json")
    let how = "how text DEFAULT left(current_query(), 4)"
    #expect(try destination { $0.table = "ours" }.outcome(of: record) == .delivered)
    try server.query(
      """
      TRUNCATE ours; ALTER TABLE ours ADD \(how);
      CREATE TABLE notices (LIKE ours INCLUDING ALL);
      ALTER TABLE notices ALTER id TYPE text, ALTER type TYPE smallint, ALTER record TYPE json,
        ALTER received_at TYPE timestamp, ALTER chat_id TYPE varchar(40)
      """)
    for table in ["ours", "notices"] {
      #expect(
        try destination {
          $0.table = table
          $0.createsTable = false
        }.outcome(of: record) == .delivered)
    }
    let columns = "id::text, type, chat_id, text, record::jsonb"
    let ours = try server.query("SELECT \(columns), received_at AT TIME ZONE 'UTC' FROM ours")
    #expect(ours.count == 1)
    #expect(try server.query("SELECT \(columns), received_at FROM notices") == ours)
    #expect(
      try server.query("SELECT ours.how, notices.how FROM ours, notices") == ["COPY|INSE"])
  }

  @Test func `what separates fields and rows of a copy stays within its field`() throws {
    let record = try TestRecord.of(
      #"{"data":{"messageId":"1","chatId":"a\tb\n\\N\r\\.","roomTopic":"\\","contactName":"\\N","payload":"x\u0000\ty"}}"#
    )
    #expect(try destination().outcome(of: record) == .delivered)
    #expect(
      try server.query(
        """
        SELECT chat_id = E'a\\tb\\n\\\\N\\r\\\\.', room_topic = E'\\\\', contact_name = E'\\\\N',
          text = E'x\u{FFFD}\\ty', record_text = $n$\(String(decoding: record.line, as: UTF8.self))$n$
        FROM notices
        """) == ["t|t|t|t|t"])
  }

  @Test func `a look at the table makes nothing, and tells what a delivery would`() throws {
    var settings = PostgreSQLSettings(connection: server.connection)
    #expect(try PostgreSQLDestination.accessFault(settings)?.contains("does not exist") == true)
    settings.createsTable = true
    #expect(try PostgreSQLDestination.accessFault(settings) == nil)
    #expect(try server.query("SELECT count(*) FROM pg_tables WHERE tablename = 'notices'") == ["0"])
    #expect(try destination().outcome(of: TestRecord.of("{}")) == .delivered)
    settings.createsTable = false
    #expect(try PostgreSQLDestination.accessFault(settings) == nil)
    #expect(try server.query("SELECT count(*) FROM notices") == ["1"])
  }
}
