import Delivery
import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// What destinations answer and files say, with all in it that could begin a line or tell a terminal what to do.
struct InjectionTests {
  private static let evil =
    "no\r\nERROR fake\n\u{1B}[2J\u{1B}]0;title\u{7}\u{9B}31m\u{85}\u{2028}\u{2029}\u{202E}end\u{0}"

  private let fixture: SenderFixture

  init() throws { fixture = try SenderFixture() }

  private func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || OneLine.shown(String(scalar)) == String(scalar)
    }
  }

  @Test func `an answer of a destination is one line of status, audit, letters and checks`() throws
  {
    try fixture.append(0..<1)
    try fixture.once([fixture.http(try HTTPReceiver())])
    let record = try #require(try fixture.records().first)
    try fixture.letters().append(
      record, attempts: 2,
      outcome: .answered(status: 422, retryAfterSeconds: nil, excerpt: Array(Self.evil.utf8)),
      isReplay: false)
    try fixture.letters().append(
      record, attempts: 2, outcome: .refused(reason: Self.evil), isReplay: true)
    let lines = try String(contentsOfFile: fixture.letters().path, encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 2 && isHarmless(lines))
    var table = TextTable([("ID", false), ("REASON", false)])
    var reasons: [String] = []
    try fixture.letters().read { letter, _ in
      reasons.append(letter.reason ?? "")
      table.add([letter.record.id, letter.reason ?? ""])
    }
    #expect(reasons.last == Self.evil, "what was said is kept")
    #expect(table.text.split(separator: "\n").count == 3 && isHarmless(table.text))

    var health = LaneHealth(since: Timestamp(milliseconds: 0))
    health.state = .paused
    health.reason = Self.evil
    health.advice = Self.evil
    try LaneHealth.file("d0", fixture.directory, fixture.system)
      .replace(SealedJSON.encode(health))
    let lock = try SenderLock.acquire(fixture.directory, fixture.system)
    var backlog = Backlog(fixture.directory, fixture.system)
    let status = try SpoolStatus(fixture.directory, backlog: &backlog, fixture.system)
    lock.release()
    #expect(status.text.contains("paused:") && isHarmless(status.text))
    #expect(!status.text.contains("\nERROR"))
    #expect(!status.json.contains("\n") && isHarmless(status.json))

    let findings = [Finding.failed(Self.evil, Self.evil, remedy: Self.evil)]
    #expect(Finding.table(findings).split(separator: "\n").count == 2)
    #expect(isHarmless(Finding.table(findings)))
  }

  @Test func `a destination that a file's name makes up is shown on one line`() throws {
    let name = Self.evil.replacingOccurrences(of: "\0", with: "")
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(fixture.directory.state)/\(name).json"))
    var backlog = Backlog(fixture.directory, fixture.system)
    let status = try SpoolStatus(fixture.directory, backlog: &backlog, fixture.system)
    #expect(status.destinations.count == 1 && isHarmless(status.text) && isHarmless(status.json))
    let audit = try fixture.audit()
    #expect(isHarmless(audit.text) && isHarmless(audit.json))
    #expect(!audit.text.contains("\nERROR") && !status.text.contains("\nERROR"))
  }
}
