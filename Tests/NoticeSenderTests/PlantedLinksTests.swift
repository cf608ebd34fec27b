import Delivery
import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// Symbolic links under every name that handler and sender write to: what they lead to is never changed, and what can go on
/// goes on.
struct PlantedLinksTests {
  private let fixture: SenderFixture
  private let victim: String
  private static let content = "not yours\n"

  init() throws {
    fixture = try SenderFixture()
    victim = "\(fixture.temporary.path)/victim"
    try Self.content.write(toFile: victim, atomically: false, encoding: .utf8)
  }

  private func plant(_ name: String) throws {
    let path = "\(fixture.directory.path)/\(name)"
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: victim)
  }

  private var isUnchanged: Bool {
    (try? String(contentsOfFile: victim, encoding: .utf8)) == Self.content
  }

  @Test(arguments: [
    "lock", "lock.next", ".current.next", "current.ndjson", "quarantine/lock",
    "quarantine/damaged.ndjson", "quarantine/refused.ndjson",
    "segments/000002-20261122T064832Z.ndjson",
  ])
  func `a writer never writes through a link`(name: String) throws {
    try fixture.append(0..<1)
    try plant(name)
    let writer = SpoolWriter(fixture.directory, SpoolSettings(), fixture.system)
    let line = try fixture.lines(7..<8)[0]
    if name == "lock" {
      // There is no other lock: it is told, and nobody is answered 200.
      #expect(throws: SpoolWriteError.self) { try writer.append(line) }
    } else {
      try writer.append(line)
    }
    let quarantine = Quarantine(.refused, fixture.directory, SpoolSettings(), fixture.system)
    try? quarantine.keep(
      QuarantineEntry(reason: "test", bytes: [1], origin: .file("x")), syncing: true)
    #expect(isUnchanged)
  }

  @Test func `a link in the place of the segment being written is followed by a new segment`()
    throws
  {
    try fixture.append(0..<2)
    let name = try #require(try fixture.directory.currentSegment(fixture.system))
    try plant("segments/\(name)")
    for _ in 0..<2 {
      try SpoolWriter(fixture.directory, SpoolSettings(), fixture.system).append(
        fixture.lines(7..<8)[0])
    }
    #expect(isUnchanged)
    let receiver = try HTTPReceiver()
    // What the link stands in the place of stays pending, as a segment that cannot be read does.
    #expect(try !fixture.once([fixture.http(receiver)]))
    #expect(receiver.messageIDs == ["7", "7"], "what lies behind the link is no record")
  }

  @Test func `a link among the segments stops no delivery of those behind it`() throws {
    try fixture.append(0..<40)
    let names = try fixture.directory.segmentNames(fixture.system)
    #expect(names.count >= 3)
    try plant("segments/\(names[1])")
    let receiver = try HTTPReceiver()
    #expect(try !fixture.once([fixture.http(receiver)]))
    #expect(receiver.messageIDs.contains("0") && receiver.messageIDs.contains("39"))
    _ = try fixture.audit()
    #expect(isUnchanged)
  }

  @Test(arguments: [
    "state/d0.json.next", "state/d0.json.previous", "state/d0.health", "state/d0.health.next",
    "state/d0.delivered", "state/d0.duplicates", "state/archived.ndjson", "dead/d0.ndjson.next",
  ])
  func `a sender never writes through a link, and delivers all the same`(name: String) throws {
    try fixture.append(0..<10)
    let receiver = try HTTPReceiver()
    var settings = fixture.http(receiver)
    settings.suppressesDuplicates = true
    try fixture.once([settings])
    try plant(name)
    try fixture.append(10..<30)
    _ = try fixture.once([settings])
    #expect(Set(receiver.messageIDs) == Set((0..<30).map(String.init)))
    if name == "dead/d0.ndjson.next" { _ = try? fixture.letters().requeue(.all) }
    #expect(isUnchanged)
  }

  @Test(arguments: [
    "state/lock", "state/d0.json", "state/d0.requeue.ndjson", "dead/d0.ndjson", "dead/d0.lock",
  ])
  func `what cannot be done without a file is told, and nothing is written through a link`(
    name: String
  ) throws {
    try fixture.append(0..<3)
    let receiver = try HTTPReceiver()
    try fixture.once([fixture.http(receiver)])
    try plant(name)
    let record = try #require(try fixture.records().first)
    if name.hasPrefix("state/") {
      #expect(throws: (any Error).self) { try fixture.once([fixture.http(receiver)]) }
    } else {
      #expect(throws: (any Error).self) {
        try fixture.letters().append(
          record, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
      }
    }
    #expect(isUnchanged)
  }

  @Test func `a destination whose files cannot be used stops no other`() throws {
    try fixture.append(0..<3)
    try plant("dead/d0.ndjson")
    let receivers = try (0..<2).map { _ in try HTTPReceiver() }
    let isDrained = try fixture.once([
      fixture.http(receivers[0]), fixture.http(receivers[1], name: "d1"),
    ])
    #expect(!isDrained)
    #expect(receivers[0].requestCount == 0 && receivers[1].requestCount == 3)
    #expect(isUnchanged)
  }

  @Test func `a link in rescue is no body, and neither it nor a thousand others hold one up`()
    throws
  {
    for number in 0..<1000 {
      try plant("rescue/0000-\(number).json")
    }
    try Data(#"{"event":"late"}"#.utf8).write(
      to: URL(fileURLWithPath: "\(fixture.directory.rescue)/1762489591.123-x.json"))
    let outcome = RescueInbox(fixture.directory, SpoolSettings(), fixture.system).take()
    #expect(outcome.taken == 1 && outcome.refused == 0)
    #expect(isUnchanged)
  }

  @Test func `figures are written to a file of their own, readable for others`() throws {
    try fixture.append(0..<1)
    let path = "\(fixture.temporary.path)/notice.prom"
    try FileManager.default.createSymbolicLink(
      atPath: path + ".next", withDestinationPath: victim)
    try fixture.once([fixture.http(try HTTPReceiver())], metrics: path)
    #expect(try fixture.system.lstat(path).mode & 0o777 == 0o644)
    #expect(isUnchanged)
  }
}
