import Delivery
import Foundation
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct SQLiteFaultTests {
  let directory: TemporaryDirectory
  let path: String
  let destination: SQLiteDestination

  init() throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/notices.db"
    destination = SQLiteDestination(path: path, busyMilliseconds: 50)
  }

  func records(_ count: Int) throws -> [NoticeRecord] {
    try (0..<count).map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
  }

  func count() throws -> Int? {
    try DatabaseReader.rows(path, "SELECT count(*) n FROM notices").first?["n"].flatMap { Int($0) }
  }

  /// All outcomes are `failed` with this reason.
  func expectFailure(_ outcomes: [DeliveryOutcome?], _ text: String) {
    for outcome in outcomes {
      guard case .failed(let reason) = outcome else {
        Issue.record("not failed: \(String(describing: outcome))")
        continue
      }
      #expect(reason.hasPrefix(path) && reason.contains(text), "\(reason)")
    }
  }

  @Test func `a locked database fails within its time and is delivered to after`() throws {
    let records = try records(3)
    #expect(destination.outcomes(of: [records[0]]) == [.delivered])
    try DatabaseReader.locking(path) {
      expectFailure(destination.outcomes(of: records), "locked")
    }
    #expect(destination.outcomes(of: records) == Array(repeating: .delivered, count: 3))
    #expect(try count() == 3)
  }

  @Test func `a missing directory is named, and the database is made when it is there`() throws {
    let path = "\(directory.path)/later/notices.db"
    let destination = SQLiteDestination(path: path)
    let record = try TestRecord.of("{}")
    #expect(
      destination.outcome(of: record) == .failed(reason: "\(path): No such file or directory"))
    try FileManager.default.createDirectory(
      atPath: "\(directory.path)/later", withIntermediateDirectories: true)
    #expect(destination.outcome(of: record) == .delivered)
  }

  @Test func `a file that is no database is not touched`() throws {
    let text = String(repeating: "This is somebody's diary. ", count: 100)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    expectFailure(destination.outcomes(of: try records(2)), "file is not a database")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  @Test func `a directory in place of the file fails`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    expectFailure(destination.outcomes(of: try records(1)), "unable to open database file")
  }

  @Test func `a read-only database fails`() throws {
    let records = try records(2)
    #expect(SQLiteDestination(path: path).outcomes(of: [records[0]]) == [.delivered])
    try DatabaseReader.execute(path, "PRAGMA journal_mode = DELETE")
    // The file format's "write version" beyond what SQLite knows: read-only by its specification (§1.3.3), which
    // holds for the superuser too.
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.seek(toOffset: 18)
    try file.write(contentsOf: [9])
    try file.close()
    expectFailure(
      SQLiteDestination(path: path).outcomes(of: records), "attempt to write a readonly database")
  }

  @Test func `a full database fails, keeps what it has, and goes on when there is room`() throws {
    let few = try records(10)
    let body = "[\"\(String(repeating: "x", count: 10_000))\"]"
    let many = try (100..<300).map { try TestRecord.of(body, number: $0) }
    let full = SQLiteDestination(path: path, busyMilliseconds: 50, pagesMax: 100)
    #expect(full.outcomes(of: few) == Array(repeating: .delivered, count: 10))
    expectFailure(full.outcomes(of: many), "database or disk is full")
    #expect(try count() == 10)
    #expect(full.outcomes(of: few) == Array(repeating: .delivered, count: 10))
    #expect(destination.outcomes(of: many).allSatisfy { $0 == .delivered })
    #expect(try count() == 210)
  }

  @Test(arguments: ["ABORT", "FAIL", "ROLLBACK"])
  func `a rule of the user's own refuses one record and no other`(action: String) throws {
    let records = try records(50)
    #expect(destination.outcomes(of: [records[0]]) == [.delivered])
    try DatabaseReader.execute(
      path,
      """
      CREATE TRIGGER rule BEFORE INSERT ON notices WHEN json_extract(new.record, '$.body.n') % 20 = 7
      BEGIN SELECT RAISE(\(action), 'sevens are not wanted'); END
      """)
    let outcomes = destination.outcomes(of: records)
    for (number, outcome) in outcomes.enumerated() {
      #expect(
        outcome
          == (number % 20 == 7 ? .refused(reason: "sevens are not wanted") : .delivered))
    }
    #expect(try count() == 47)
  }

  @Test(arguments: [2, 99])
  func `a later version's database is left alone`(version: Int) throws {
    try DatabaseReader.execute(path, "PRAGMA user_version = \(version)")
    expectFailure(destination.outcomes(of: try records(1)), "its user_version is \(version)")
    #expect(try DatabaseReader.rows(path, "SELECT * FROM sqlite_schema").isEmpty)
    try DatabaseReader.execute(path, "PRAGMA user_version = 0")
    #expect(destination.outcomes(of: try records(1)) == [.delivered])
  }

  @Test func `a table of the same name and other columns is a clear failure`() throws {
    try DatabaseReader.execute(path, "CREATE TABLE notices(x)")
    expectFailure(destination.outcomes(of: try records(1)), "no such column")
  }

  @Test func `a database in use by two destinations gets the records of both`() throws {
    let (first, second) = (SQLiteDestination(path: path), SQLiteDestination(path: path))
    let records = try records(20)
    for (number, record) in records.enumerated() {
      #expect((number % 2 == 0 ? first : second).outcome(of: record) == .delivered)
    }
    #expect(try count() == 20)
  }

  @Test(arguments: [":memory:", "file:notices.db?mode=memory"])
  func `a name that SQLite reads as something else is a file's name`(name: String) throws {
    let path = "\(directory.path)/\(name)"
    #expect(try SQLiteDestination(path: path).outcome(of: TestRecord.of("{}")) == .delivered)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func `waiting with nothing to do ends at its time`() {
    let start = ContinuousClock.now
    #expect(destination.wait(milliseconds: 50, wakeUps: []).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(49))
  }
}
