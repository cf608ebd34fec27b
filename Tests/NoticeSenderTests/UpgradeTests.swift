import Destinations
import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// A spool that version 1 has written is kept in `Tests/Spools/v1`: two retired segments, one with a torn end, a dead letter, what was
/// requeued, checkpoints, health, what was delivered, a quarantine, and a body that nginx rescued. It stays readable, and work
/// goes on in it.
struct UpgradeTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let system = LinuxSystemCalls()

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    let kept = URL(fileURLWithPath: Samples.directory).deletingLastPathComponent()
      .appendingPathComponent("Spools/v1").path
    try FileManager.default.copyItem(atPath: kept, toPath: directory.path)
  }

  private func findings() throws -> [String] {
    let audit = try Audit(directory, tables: [:], system)
    return audit.findings + audit.accounts.flatMap(\.findings)
  }

  private func once(_ receivers: [String: HTTPReceiver]) throws -> Bool {
    let destinations = receivers.sorted { $0.key < $1.key }.map { name, receiver in
      var settings = DestinationSettings(
        name: name,
        kind: .http(HTTPSettings(url: receiver.url, body: .original, userAgent: "test")))
      settings.suppressesDuplicates = name == "files"
      return settings
    }
    let settings = SenderSettings(spool: directory.path, destinations: destinations)
    return try Supervisor(settings, mode: .once, system).run()
  }

  @Test func `a spool of version 1 is read, adds up and goes on`() throws {
    #expect(try findings() == [])
    var backlog = Backlog(directory, system)
    let status = try SpoolStatus(directory, backlog: &backlog, system)
    #expect(status.destinations.map(\.name) == ["command", "files"])
    #expect(status.destinations.map(\.counts.delivered) == [8, 9])
    #expect(status.destinations.map(\.counts.dead) == [1, 0])
    #expect(status.facts.archivedSegments == 2 && status.facts.rescueFiles == 1)
    let letters = DeadLetters("command", directory, system)
    var reasons: [String?] = []
    try letters.read { letter, _ in reasons.append(letter.reason) }
    #expect(reasons == ["exit status 100"])
    let all = try Replay(selection: RecordSelection()).run(
      to: "files", in: directory, isDry: true, system)
    #expect(all.count == 11 && all.damaged.isEmpty)

    // A writer repairs the torn end, and what comes is delivered with what was pending.
    let line = NoticeRecord.line(
      for: try JSONText(validating: Array(#"{"event":"new"}"#.utf8)), kind: .other,
      request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
      receivedAt: system.realtimeNanoseconds(), random: system.random())
    try SpoolWriter(directory, SpoolSettings(), system).append(line)
    let damaged = try String(
      contentsOfFile: "\(directory.quarantine)/damaged.ndjson", encoding: .utf8)
    #expect(damaged.contains(#"{\"id\":\"torn\""#))
    let receivers = ["command": try HTTPReceiver(), "files": try HTTPReceiver()]
    #expect(try once(receivers))
    // Of two pending, one new and one rescued, `command` has one already; `files` gets one more that was asked for again,
    // and leaves out one that it had as a push before.
    #expect(receivers["command"]?.requestCount == 3)
    #expect(receivers["files"]?.requestCount == 4)
    #expect(try letters.requeue(.all) == 1)
    #expect(try once(receivers))
    #expect(receivers["command"]?.requestCount == 4)
    #expect(try findings() == [])

    // The index accounts for what is gone from the archive.
    for name in try system.list(directory.archive) {
      try system.unlink("\(directory.archive)/\(name)")
    }
    #expect(try findings() == [])
  }

  @Test(arguments: ["2", "10\n", "sqlite", ""])
  func `a spool of a later version is left alone, and that is told`(format: String) throws {
    try format.write(toFile: "\(directory.path)/format", atomically: false, encoding: .utf8)
    let before = try system.list(directory.state).sorted()
    let refused = #expect(throws: SettingsError.self) { try once(["files": try HTTPReceiver()]) }
    #expect(refused?.description.contains("later version") == true)
    #expect(throws: SpoolWriteError.self) {
      try SpoolWriter(directory, SpoolSettings(), system).append(Array("{}\n".utf8))
    }
    #expect(throws: SettingsError.self) { try directory.requireKnownFormat() }
    #expect(SpoolCheck(directory.path).findings().contains { $0.detail.contains("later version") })
    #expect(try system.list(directory.state).sorted() == before)
  }

  @Test func `a spool that says it is of version 1 is one`() throws {
    try "1\n".write(toFile: "\(directory.path)/format", atomically: false, encoding: .utf8)
    #expect(try SpoolFormat.later(in: directory, system) == nil)
    try directory.requireKnownFormat()
  }
}
