import Delivery
import Foundation
import JSONText
import Notice
import TestSupport
import Testing

@testable import Destinations

/// The table, and how rows come into it.
extension PostgreSQLDestinationTests {
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
