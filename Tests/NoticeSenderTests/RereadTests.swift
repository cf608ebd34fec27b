import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// The program, given new settings while it works.
struct RereadTests {
  private let temporary: TemporaryDirectory
  private let system = LinuxSystemCalls()

  init() throws { temporary = try TemporaryDirectory() }

  private var config: String { "\(temporary.path)/sender.yaml" }

  private func configure(_ destinations: [(name: String, receiver: HTTPReceiver)]) throws {
    let lines = destinations.map { "  \($0.name): {url: '\($0.receiver.url)'}\n" }.joined()
    try "spool: \(temporary.path)/spool\ndestinations:\n\(lines)".write(
      toFile: config, atomically: true, encoding: .utf8)
  }

  private func append(_ count: Int, segmentBytesMax: Int = 64 << 20) throws {
    var settings = SpoolSettings()
    settings.segmentBytesMax = segmentBytesMax
    let writer = SpoolWriter(SpoolDirectory("\(temporary.path)/spool"), settings, system)
    for _ in 0..<count {
      let body = try JSONText(
        validating: Samples.bytes("text-private.json"), finding: NoticeKind.bodyPaths)
      try writer.append(
        NoticeRecord.line(
          for: body, kind: .message,
          request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
          receivedAt: system.realtimeNanoseconds(), random: system.random()))
    }
  }

  /// Built beside the program that runs the tests.
  private func start() throws -> ChildProcess {
    let executable = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("notice-sender").path
    return try ChildProcess(
      executable, ["run", "--config", config], log: "\(temporary.path)/log")
  }

  @Test func `new destinations start, changed ones go on where they were, others are left alone`()
    throws
  {
    let kept = try HTTPReceiver()
    let before = try HTTPReceiver()
    let after = try HTTPReceiver()
    let added = try HTTPReceiver()
    try configure([("kept", kept), ("moved", before)])
    try append(10)
    let sender = try start()
    try eventually("all are delivered") { kept.requestCount == 10 && before.requestCount == 10 }
    let connections = kept.connectionCount

    try configure([("kept", kept), ("moved", after), ("added", added)])
    sender.signal(SIGHUP)
    try eventually("the new one has all") { added.requestCount == 10 }
    try append(5)
    try eventually("the moved one goes on") { after.requestCount == 5 }
    try eventually("the kept one goes on") { kept.requestCount == 15 }
    #expect(before.requestCount == 10)
    #expect(kept.connectionCount <= connections + 4)
    #expect(
      sender.log.contains("takes new settings: stops moved; starts moved, added; goes on with kept")
    )
    #expect(sender.stop() == 0)
    #expect(after.requestCount == 5 && kept.requestCount == 15, "nothing is repeated")
  }

  @Test func `a file that is wrong, or of another spool, changes nothing and is told`() throws {
    let receiver = try HTTPReceiver()
    try configure([("crm", receiver)])
    try append(1)
    let sender = try start()
    try eventually("it is delivered") { receiver.requestCount == 1 }
    for (text, said) in [
      (
        "spol: x\n", "keeps the old settings: \(config):1: spol: unknown key; did you mean 'spool'?"
      ),
      (
        "spool: /elsewhere\ndestinations: {crm: {url: 'http://127.0.0.1:1'}}\n",
        "keeps the old settings: another spool needs a restart"
      ),
    ] {
      try text.write(toFile: config, atomically: true, encoding: .utf8)
      sender.signal(SIGHUP)
      try eventually(said) { sender.log.contains(said) }
    }
    try FileManager.default.removeItem(atPath: config)
    sender.signal(SIGHUP)
    try eventually("a missing file is told") {
      sender.log.contains("keeps the old settings: unable to read \(config): No such file")
    }
    try append(1)
    try eventually("it goes on") { receiver.requestCount == 2 }
    #expect(sender.isRunning)
    #expect(sender.stop() == 0)
  }

  @Test func `what a destination that cannot start needs is kept until a later file mends it`()
    throws
  {
    let kept = try HTTPReceiver()
    let broken = try HTTPReceiver()
    try configure([("kept", kept)])
    try append(1)
    let sender = try start()
    try eventually("it is delivered") { kept.requestCount == 1 }
    let state = "\(temporary.path)/spool/state/broken.json"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
    try configure([("kept", kept), ("broken", broken)])
    sender.signal(SIGHUP)
    try eventually("it is told") {
      sender.log.contains("unable to start broken, its messages wait")
    }
    // Each record is a segment.
    try append(5, segmentBytesMax: 100)
    try eventually("the other goes on") { kept.requestCount == 6 }
    // The spool is looked after once a second.
    usleep(2_500_000)
    #expect(try system.list("\(temporary.path)/spool/archive").isEmpty)
    try FileManager.default.removeItem(atPath: state)
    sender.signal(SIGHUP)
    try eventually("it has all") { broken.requestCount == 6 }
    try eventually("what both have is retired") {
      try !system.list("\(temporary.path)/spool/archive").isEmpty
    }
    #expect(sender.stop() == 0)
  }
}
