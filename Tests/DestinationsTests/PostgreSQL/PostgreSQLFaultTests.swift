import Delivery
import Foundation
import Notice
import TestSupport
import Testing

@testable import Destinations

/// What becomes of records while the server is killed, hangs, is read-only, or has no room.
@Suite(
  .serialized, .timeLimit(.minutes(15)),
  .enabled(if: Engine.postgreSQL.isBuiltIn, "built without the trait PostgreSQL"))
struct PostgreSQLFaultTests {
  private func destination(
    _ server: PostgreSQLServer, _ change: (inout PostgreSQLSettings) -> Void = { _ in }
  ) throws -> PostgreSQLDestination {
    var settings = PostgreSQLSettings(connection: server.connection)
    settings.createsTable = true
    change(&settings)
    return try PostgreSQLDestination(settings)
  }

  private func record(_ number: Int, bytes: Int = 0) throws -> NoticeRecord {
    let filler = String(repeating: "x", count: bytes)
    return try TestRecord.of(
      "{\"data\":{\"messageId\":\"\(number)\",\"payload\":\"\(filler)\"}}", number: UInt64(number))
  }

  private func isOfDestination(_ outcome: DeliveryOutcome?) -> Bool {
    switch outcome {
    case .failed, .unreachable: true
    default: false
    }
  }

  @Test func `nobody there is unreachable, and delivered to when there is somebody`() throws {
    let server = try PostgreSQLServer()
    let destination = try destination(server)
    server.kill()
    let outcome = destination.outcome(of: try record(0))
    guard case .unreachable(let reason) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(reason.contains("connection to server on socket"))
    try server.start()
    #expect(destination.outcome(of: try record(0)) == .delivered)
    // Ended by its server while nothing is under way.
    server.kill()
    try server.start()
    #expect(destination.wait(milliseconds: 10, wakeUps: []).isEmpty)
    #expect(destination.outcome(of: try record(1)) == .delivered)
  }

  @Test func `kill -9 of the server during a drain: what was delivered is there, each once`()
    throws
  {
    let server = try PostgreSQLServer()
    let destination = try destination(server) { $0.recordsMax = 50 }
    let records = try (0..<20_000).map { try record($0, bytes: 500) }
    var pending = Array(records.indices)[...]
    var delivered: Set<Int> = []
    var (inFlight, kills, faults) = (0, 0, 0)
    var random = SeededGenerator(seed: 1)
    var nextKill = 1000
    let end = ContinuousClock.now + .seconds(200)
    while delivered.count < records.count, ContinuousClock.now < end {
      while inFlight < destination.capacity, let ticket = pending.popFirst() {
        destination.begin(DeliveryAttempt(ticket: ticket, record: records[ticket]))
        inFlight += 1
      }
      if delivered.count > nextKill, kills < 8 {
        server.kill()
        kills += 1
        nextKill = delivered.count + Int.random(in: 500...2000, using: &random)
      }
      let reports = destination.wait(milliseconds: 100, wakeUps: [])
      inFlight -= reports.count
      for report in reports {
        if report.outcome == .delivered {
          #expect(delivered.insert(report.ticket).inserted)
        } else {
          #expect(isOfDestination(report.outcome), "\(report.outcome)")
          faults += 1
          pending.append(report.ticket)
        }
      }
      if inFlight == 0, !pending.isEmpty, (try? server.query("SELECT 1")) == nil {
        // Of what is delivered, nothing is lost by a crash.
        try server.start()
        let count = try server.query("SELECT count(*) FROM notices").first.flatMap { Int($0) }
        #expect(try #require(count) >= delivered.count)
      }
    }
    #expect(delivered.count == records.count)
    #expect(kills == 8 && faults > 0)
    #expect(
      try server.query("SELECT count(*), count(DISTINCT message_id) FROM notices")
        == ["20000|20000"])
  }

  @Test func `a server that hangs gets its time and no more, and loses nothing`() throws {
    let server = try PostgreSQLServer()
    let destination = try destination(server) {
      $0.timeoutSeconds = 5
      $0.connectTimeoutSeconds = 5
    }
    #expect(destination.outcome(of: try record(0)) == .delivered)
    server.freeze(true)
    let begin = ContinuousClock.now
    let outcomes = destination.outcomes(of: [try record(1), try record(2)])
    #expect(
      outcomes.allSatisfy { $0 == .unreachable(reason: "no answer from the server within 5 s") })
    // And one that does not even let in.
    #expect(
      destination.outcome(of: try record(1)) == .unreachable(reason: "no connection within 5 s"))
    #expect(ContinuousClock.now - begin < .seconds(13))
    server.freeze(false)
    #expect(
      destination.outcomes(of: [try record(1), try record(2)]) == [.delivered, .delivered])
    #expect(try server.query("SELECT count(*) FROM notices") == ["3"])
  }

  @Test func `a wake-up ends the wait at once`() throws {
    let server = try PostgreSQLServer()
    let destination = try destination(server)
    server.freeze(true)
    defer { server.freeze(false) }
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    destination.begin(DeliveryAttempt(ticket: 0, record: try record(0)))
    _ = unsafe write(ends[1], "x", 1)
    let begin = ContinuousClock.now
    #expect(destination.wait(milliseconds: 20_000, wakeUps: [ends[0]]).isEmpty)
    #expect(ContinuousClock.now - begin < .seconds(5))
  }

  @Test func `a lock that somebody holds is waited for, and then is the server's fault`() throws {
    let server = try PostgreSQLServer()
    let destination = try destination(server) { $0.timeoutSeconds = 5 }
    #expect(destination.outcome(of: try record(0)) == .delivered)
    let holder = try ChildProcess(
      "/usr/bin/env",
      [
        "psql", "-X", "-q", server.connection, "-c",
        "BEGIN; LOCK notices; SELECT pg_sleep(600)",
      ], log: "\(server.path)/holder.log")
    try eventually("the table is locked") {
      try server.query("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") != ["0"]
    }
    let outcome = destination.outcome(of: try record(1))
    #expect(isOfDestination(outcome), "\(String(describing: outcome))")
    // The statement itself has ended too: it is not left to be done when the lock goes.
    try eventually("the server has given up") {
      try server.query(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT%'"
          + " AND state = 'active'") == ["0"]
    }
    holder.stop(SIGKILL)
    try server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%' AND pid <> pg_backend_pid()"
    )
    #expect(destination.outcome(of: try record(1)) == .delivered)
    #expect(try server.query("SELECT count(*) FROM notices") == ["2"])
  }

  @Test func `a read-only server pauses the destination, and no record is to blame`() throws {
    let server = try PostgreSQLServer()
    let destination = try destination(server)
    #expect(destination.outcome(of: try record(0)) == .delivered)
    for isReadOnly in [true, false] {
      try server.query("ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly)")
      try server.query("SELECT pg_reload_conf()")
      try eventually("the setting is taken over") {
        try server.query("SHOW default_transaction_read_only") == [isReadOnly ? "on" : "off"]
      }
      if isReadOnly {
        // First a session that was open, then one that finds it so.
        for _ in 0..<2 {
          let outcome = destination.outcome(of: try record(1))
          guard case .failed(let reason) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
          }
          #expect(reason.contains("read-only") && reason.contains("25006"))
        }
      }
    }
    #expect(destination.outcome(of: try record(1)) == .delivered)
  }

  @Test func `a full disk pauses the destination; with room it goes on and lacks nothing`() throws {
    let server = try PostgreSQLServer(smallDiskMegabytes: 8)
    try server.query("CREATE TABLESPACE small LOCATION '\(server.smallDisk)'")
    try server.query("CREATE TABLE filler(content text) TABLESPACE small")
    try server.query(
      "INSERT INTO filler SELECT string_agg(md5(i::text), '') FROM generate_series(1, 130000) i"
        + " GROUP BY i / 30")
    let destination = try destination(server) {
      $0.connection += " options='-c default_tablespace=small'"
      $0.recordsMax = 20
    }
    var delivered: Set<Int> = []
    var number = 0
    var reason: String?
    while reason == nil, number < 100_000 {
      let numbers = number..<number + 60
      let outcomes = destination.outcomes(of: try numbers.map { try record($0, bytes: 1500) })
      for (number, outcome) in zip(numbers, outcomes) {
        if outcome == .delivered { delivered.insert(number) }
        if case .failed(let words) = outcome { reason = words }
        if case .refused = outcome { Issue.record("\(String(describing: outcome))") }
      }
      number += 60
    }
    #expect(reason?.contains("No space left on device") == true)
    #expect(reason?.hasSuffix("(53100)") == true)
    #expect(try server.query("SELECT count(*) FROM notices") == ["\(delivered.count)"])
    try server.query("DROP TABLE filler")
    let rest = (0..<number).filter { !delivered.contains($0) }
    #expect(!rest.isEmpty)
    let outcomes = destination.outcomes(of: try rest.map { try record($0, bytes: 1500) })
    #expect(outcomes.allSatisfy { $0 == .delivered })
    #expect(
      try server.query("SELECT count(*), count(DISTINCT message_id) FROM notices")
        == ["\(number)|\(number)"])
  }

  @Test func `a session commits to disk though the server's default is not to`() throws {
    let server = try PostgreSQLServer(settings: ["synchronous_commit=off"])
    let destination = try destination(server)
    #expect(destination.outcome(of: try record(0)) == .delivered)
    #expect(try server.query("SHOW synchronous_commit") == ["off"])
    try server.query(
      """
      CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.text := current_setting('synchronous_commit'); RETURN NEW; END $$;
      CREATE TRIGGER look BEFORE INSERT ON notices FOR EACH ROW EXECUTE FUNCTION look()
      """)
    #expect(destination.outcome(of: try record(1)) == .delivered)
    #expect(try server.query("SELECT text FROM notices WHERE message_id = '1'") == ["on"])
  }
}
