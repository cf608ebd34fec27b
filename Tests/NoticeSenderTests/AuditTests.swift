import Delivery
import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct AuditTests {
  private let fixture: SenderFixture
  private let receiver: HTTPReceiver

  init() throws {
    fixture = try SenderFixture()
    receiver = try HTTPReceiver()
  }

  private func deliver(_ archive: SegmentArchive.Form = .gzip) throws {
    try fixture.append(0..<60)
    #expect(
      try fixture.once([fixture.http(receiver), fixture.sqlite()], archive: archive))
  }

  @Test(arguments: SegmentArchive.Form.allCases)
  func `what was delivered adds up, wherever the segments went`(_ form: SegmentArchive.Form) throws
  {
    try deliver(form)
    let audit = try fixture.audit()
    #expect(audit.isClean)
    #expect(audit.accounts.map(\.destination) == ["d0", "database"].sorted())
    #expect(audit.accounts.allSatisfy { $0.accepted == 60 && $0.counts.delivered == 60 })
    #expect(audit.notes.isEmpty)
  }

  @Test func `what is pending and what came damaged adds up`() throws {
    try fixture.append(0..<60)
    let name = try #require(try fixture.directory.segmentNames(fixture.system).first)
    try fixture.change(fixture.directory.segment(name)) { lines in
      lines.enumerated().map { $0 == 2 ? $1.replacingOccurrences(of: "GET", with: "PUT") : $1 }
    }
    let away = try HTTPReceiver { _ in .close }
    #expect(try !fixture.once([fixture.http(away), fixture.sqlite()]))
    let audit = try fixture.audit()
    #expect(audit.isClean, "\(audit.text)")
    #expect(audit.accounts.map(\.counts.damaged) == [1, 1])
    let pending = audit.accounts.first { $0.destination == "d0" }?.pending
    #expect(pending == 59)
  }

  @Test func `what came since is accepted and pending`() throws {
    try deliver()
    try fixture.append(60..<65)
    let audit = try fixture.audit()
    #expect(audit.isClean, "\(audit.text)")
    #expect(audit.accounts.allSatisfy { $0.accepted == 65 && $0.pending == 5 })
  }

  @Test func `a torn end that no writer repaired adds up as damage`() throws {
    try fixture.append(0..<60)
    let name = try #require(try fixture.directory.segmentNames(fixture.system).first)
    let path = fixture.directory.segment(name)
    try (String(contentsOfFile: path, encoding: .utf8) + #"{"id":"torn"#).write(
      toFile: path, atomically: false, encoding: .utf8)
    #expect(try fixture.once([fixture.http(receiver)]))
    let audit = try fixture.audit()
    #expect(audit.isClean, "\(audit.text)")
    #expect(audit.accounts.map(\.counts.damaged) == [1])
  }

  @Test(arguments: [(0, true), (1, true), (1, false)])
  func `a torn end that its writer cuts off late, with a batch that it writes twice, is no loss`(
    copies: Int, isCopied: Bool
  ) throws {
    try fixture.append(0..<60)
    let name = try #require(try fixture.directory.segmentNames(fixture.system).first)
    let path = fixture.directory.segment(name)
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    try (whole + #"{"id":"torn"#).write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try fixture.once([fixture.http(receiver)], archive: .plain))
    let archived = "\(fixture.directory.archive)/\(name)"
    // What is there twice is a record of the spool, or one that nobody has.
    let own = try #require(whole.split(separator: "\n").first) + "\n"
    let record =
      try isCopied ? String(own) : String(decoding: fixture.lines(99..<100)[0], as: UTF8.self)
    let late = String(repeating: record, count: copies)
    try (whole + late).write(toFile: archived, atomically: false, encoding: .utf8)
    let audit = try fixture.audit()
    #expect(audit.isClean == isCopied, "\(audit.text)")
  }

  @Test func `a line that is lost from an archived segment is found`() throws {
    try deliver(.plain)
    let name = try #require(
      try fixture.files(fixture.directory.archive).first { $0.hasSuffix("Z.ndjson") })
    try fixture.change("\(fixture.directory.archive)/\(name)") { Array($0.dropFirst()) }
    let findings = try fixture.findings()
    #expect(findings.contains { $0.contains("when it was archived") })
    #expect(findings.contains { $0.contains("1 records are gone from the spool") })
  }

  @Test func `a segment taken away by hand is found, and named`() throws {
    try deliver(.plain)
    let names = try fixture.files(fixture.directory.archive).filter { $0.hasSuffix("Z.ndjson") }
    let name = try #require(names.dropFirst().first)
    try FileManager.default.removeItem(atPath: "\(fixture.directory.state)/archived.ndjson")
    try FileManager.default.removeItem(atPath: "\(fixture.directory.archive)/\(name)")
    #expect(try fixture.findings().contains { $0.contains("are gone from the spool") })
    let number = try #require(SegmentName(name)?.number)
    #expect(
      try fixture.audit().notes == [
        "there is no segment \(number): never begun, or taken away by hand"
      ])
  }

  @Test func `a byte changed after delivery is found`() throws {
    try deliver(.plain)
    let name = try #require(
      try fixture.files(fixture.directory.archive).first { $0.hasSuffix("Z.ndjson") })
    try fixture.change("\(fixture.directory.archive)/\(name)") { lines in
      [lines[0].replacingOccurrences(of: "GET", with: "PUT")] + lines.dropFirst()
    }
    let findings = try fixture.findings()
    #expect(findings.contains { $0.contains("no records") })
  }

  @Test func `a compressed segment cut short is found, and the others are accounted for`() throws {
    try deliver(.gzip)
    let name = try #require(
      try fixture.files(fixture.directory.archive).first { $0.hasSuffix(".gz") })
    let path = "\(fixture.directory.archive)/\(name)"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(try fixture.findings().contains { $0.contains("cannot be read to its end") })
  }

  @Test func `a dead letter that is there twice, or not at all, is found`() throws {
    try deliver(.plain)
    try fixture.bury(fixture.records()[5])
    #expect(try fixture.findings() == [])
    try fixture.change(fixture.letters().path) { $0 + $0 }
    #expect(try fixture.findings().contains { $0.contains("more than once among the dead") })
    try fixture.change(fixture.letters().path) { _ in [] }
    #expect(try fixture.findings().contains { $0.contains("there are 0 letters") })
  }

  @Test func `a letter of a record that is pending is found`() throws {
    try fixture.append(0..<5)
    let away = try HTTPReceiver { _ in .close }
    #expect(try !fixture.once([fixture.http(away)]))
    try fixture.letters().append(
      fixture.records()[2], attempts: 1, outcome: .refused(reason: ""), isReplay: false)
    try fixture.change {
      $0.updatedAt = Timestamp(milliseconds: $0.updatedAt.milliseconds + 60_000)
    }
    #expect(try fixture.findings().contains { $0.contains("is both dead and pending") })
  }

  @Test func `a pending record that is damaged after it was read is found`() throws {
    try fixture.append(0..<5)
    let away = try HTTPReceiver { _ in .close }
    #expect(try !fixture.once([fixture.http(away)]))
    let name = try #require(try fixture.directory.segmentNames(fixture.system).first)
    try fixture.change(fixture.directory.segment(name)) { lines in
      lines.map { $0.replacingOccurrences(of: "GET", with: "PUT") }
    }
    #expect(
      try fixture.findings().contains {
        $0.hasSuffix("pending records are not where they were in the spool")
      })
  }

  @Test func `a dead record that is gone from the spool is found, by its id`() throws {
    try deliver(.plain)
    let record = try fixture.records()[5]
    try fixture.bury(record)
    for name in try fixture.files(fixture.directory.archive) where SegmentName(name) != nil {
      try fixture.change("\(fixture.directory.archive)/\(name)") { lines in
        lines.filter { !$0.contains(record.id) }
      }
    }
    #expect(try fixture.findings().contains("\(record.id) is dead and not in the spool"))
  }

  @Test func `a database that is gone is found`() throws {
    try deliver()
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.database + suffix)
    }
    #expect(
      try fixture.findings() == ["60 records are delivered and \(fixture.database) is gone"])
  }

  @Test func `a row missing from the table is found, by its id`() throws {
    try deliver()
    let record = try fixture.records()[9]
    let sql = "DELETE FROM notices WHERE id = '\(record.id)'"
    let tool = try ChildProcess(
      "/usr/bin/sqlite3", [fixture.database, sql], log: "\(fixture.temporary.path)/log")
    #expect(tool.wait() == 0)
    let findings = try fixture.findings()
    #expect(findings.count == 1)
    #expect(findings.first?.contains("1 of 60 delivered records are not in its table") == true)
    #expect(findings.first?.contains(record.id) == true)
  }

  @Test func `a wrong count is found`() throws {
    try deliver()
    try fixture.change { $0.counts.delivered -= 1 }
    #expect(try fixture.findings().contains { $0.contains("1 records are unaccounted for") })
  }

  @Test func `records that were lost are told, though they add up`() throws {
    try deliver()
    try fixture.change {
      $0.counts.delivered -= 2
      $0.counts.lost += 2
    }
    #expect(
      try fixture.findings() == ["2 records were pending and could not be read any more"])
  }

  @Test func `a checkpoint that cannot be read is found`() throws {
    try deliver()
    for suffix in ["", ".previous"] {
      try "x".write(
        toFile: "\(fixture.directory.state)/d0.json\(suffix)", atomically: false, encoding: .utf8)
    }
    #expect(try fixture.findings().contains { $0.contains("unable to use") })
  }

  @Test func `a line of the index that is damaged counts for nothing, and a wide gap is one note`()
    throws
  {
    try deliver(.delete)
    let path = "\(fixture.directory.state)/archived.ndjson"
    let intact = try String(contentsOfFile: path, encoding: .utf8)
    try intact.replacingOccurrences(of: #""records":"#, with: #""records":1"#)
      .write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try SegmentIndex(fixture.directory, fixture.system).entries().isEmpty)

    var far = Array(#"{"segment":900000000,"records":1,"damaged":0,"bytes":9"#.utf8)
    ChecksumSeal.close(&far)
    try (intact + String(decoding: far, as: UTF8.self) + "\n")
      .write(toFile: path, atomically: false, encoding: .utf8)
    let notes = try fixture.audit().notes
    #expect(notes.count == 1 && notes.first?.contains("899999999") == true)
  }
}
