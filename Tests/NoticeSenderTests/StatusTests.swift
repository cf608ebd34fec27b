import Delivery
import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct StatusTests {
  private let fixture: SenderFixture

  init() throws {
    fixture = try SenderFixture()
  }

  private func status() throws -> SpoolStatus {
    var backlog = Backlog(fixture.directory, fixture.system)
    return try SpoolStatus(fixture.directory, backlog: &backlog, fixture.system)
  }

  private func destination(_ name: String) throws -> SpoolStatus.Destination {
    try #require(try status().destinations.first { $0.name == name })
  }

  @Test func `the figures are those of what happened`() throws {
    try fixture.append(0..<40)
    let good = try HTTPReceiver()
    let away = try HTTPReceiver { _ in .close }
    #expect(try !fixture.once([fixture.http(good), fixture.http(away, name: "away")]))
    try fixture.append(40..<47)
    let first = try #require(
      try fixture.records().first?.string(.receivedAt).flatMap { Timestamp(rfc3339: $0) })
    let delivered = try destination("d0")
    #expect(delivered.counts.delivered == 40 && delivered.pending == 7)
    let pending = try destination("away")
    #expect(pending.counts.delivered == 0 && pending.pending == 47)
    #expect(pending.oldest == first)
    // As after each run of a cron line.
    guard case .stopped(.some(let health)) = pending.state else {
      Issue.record("it does not say why")
      return
    }
    #expect(health.state == .paused)
    #expect(delivered.state == .stopped(nil))
    let why = try #require(health.reason)
    let text = try status().text
    #expect(text.contains("away: paused when a sender ran last: \(why)\n  what to do: see that"))
    #expect(try status().json.contains(#""state":"stopped","reason""#))
    try fixture.bury(fixture.records()[0])
    #expect(try destination("d0").counts.dead == 1)
    _ = try fixture.letters().requeue(.all)
    #expect(try destination("d0").pending == 8)
  }

  @Test func `beside a sender, a destination at fault is paused, with why and what to do`() throws {
    try fixture.append(0..<4)
    let away = try HTTPReceiver { _ in .status(401) }
    #expect(try !fixture.once([fixture.http(away)]))
    let lock = try SenderLock.acquire(fixture.directory, fixture.system)
    guard case .paused(let health) = try destination("d0").state else {
      Issue.record("not paused")
      return
    }
    #expect(health.reason?.contains("401") == true)
    #expect(health.advice?.contains("credentials") == true)
    #expect(health.nextAttemptAt != nil)
    let text = try status().text
    #expect(text.contains("what to do: see that the credentials"))
    #expect(text.contains("sender: process \(getpid())"))
    let json = try JSONSerialization.jsonObject(with: Data(try status().json.utf8))
    let list = try #require((json as? [String: Any])?["destinations"] as? [[String: Any]])
    #expect(list.first?["state"] as? String == "paused")
    #expect(list.first?["pending"] as? Int == 4)
    lock.release()
  }

  @Test func `what lies beside the segments is counted`() throws {
    for path in [
      "\(fixture.directory.rescue)/1.json", "\(fixture.directory.quarantine)/refused.ndjson",
    ] {
      try "[12345]".write(toFile: path, atomically: false, encoding: .utf8)
    }
    #expect(try status().facts.rescueFiles == 1)
    #expect(try status().text.hasSuffix("quarantine: 7 bytes; rescue: 1 files\n"))
    let json = try JSONSerialization.jsonObject(with: Data(try status().json.utf8))
    let object = json as? [String: Any]
    #expect(object?["rescueFiles"] as? Int == 1 && object?["quarantineBytes"] as? Int == 7)
  }

  @Test func `a checkpoint that cannot be read is told, and the others are shown`() throws {
    try fixture.append(0..<4)
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver), fixture.http(receiver, name: "d1")]))
    for suffix in ["", ".previous"] {
      try "x".write(
        toFile: "\(fixture.directory.state)/d0.json\(suffix)", atomically: false, encoding: .utf8)
    }
    guard case .unknown(let reason) = try destination("d0").state else {
      Issue.record("not unknown")
      return
    }
    #expect(reason.contains("d0.json"))
    #expect(try status().text.contains("\nd0: \(reason)\n"))
    #expect(try destination("d1").counts.delivered == 4)
  }

  @Test func `a spool that nobody delivers from yet has a status`() throws {
    let status = try status()
    #expect(status.destinations.isEmpty)
    #expect(status.text.contains("no destination"))
  }

  @Test func `segments that are finished are counted once`() throws {
    try fixture.append(0..<60)
    var tally = SpoolTally(fixture.directory, fixture.system)
    let start = SpoolPosition(segment: 0, offset: 0)
    #expect(try tally.lines(from: start) == 60)
    try fixture.append(60..<65)
    #expect(try tally.lines(from: start) == 65)
    let names = try fixture.directory.segmentNames(fixture.system)
    // Not read again: it may as well be empty.
    try fixture.change(fixture.directory.segment(names[0])) { _ in [] }
    #expect(try tally.lines(from: start) == 65)
  }

  @Test(arguments: [
    (0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_800, "2d"),
  ])
  func `an age is told in one unit`(seconds: Int64, text: String) {
    #expect(
      SpoolStatus.duration(
        Timestamp(milliseconds: seconds * 1000), since: Timestamp(milliseconds: 0)) == text)
  }
}
