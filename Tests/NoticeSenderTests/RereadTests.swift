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

  /// `more`: whole lines.
  private func configure(
    _ destinations: [(name: String, receiver: HTTPReceiver)], more: String = ""
  ) throws {
    let lines = destinations.map { "  \($0.name): {url: '\($0.receiver.url)'}\n" }.joined()
    try "spool: \(temporary.path)/spool\n\(more)destinations:\n\(lines)".write(
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
    try ChildProcess(
      SenderProgram.path, ["run", "--config", config], log: "\(temporary.path)/log")
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

  @Test func `figures go where the new settings say, and none are left where the old ones said`()
    throws
  {
    let receiver = try HTTPReceiver()
    let paths = ["before", "after"].map { "\(temporary.path)/\($0).prom" }
    func figures(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    try configure([("crm", receiver)], more: "metrics: \(paths[0])\n")
    try append(3)
    let sender = try start()
    try eventually("it is delivered, with figures") {
      receiver.requestCount == 3 && figures(paths[0]) != nil
    }
    try configure([("crm", receiver)], more: "metrics: \(paths[1])\n")
    sender.signal(SIGHUP)
    // Before figures would be due anyway.
    try eventually("the new file is there") {
      figures(paths[1])?.contains("notice_pending{destination=\"crm\"} 0\n") == true
    }
    #expect(figures(paths[0]) == nil)
    try configure([("crm", receiver)])
    sender.signal(SIGHUP)
    try eventually("figures are written no more") { figures(paths[1]) == nil }
    try configure([("crm", receiver)], more: "metrics: \(paths[0])\n")
    sender.signal(SIGHUP)
    try eventually("figures are written again") { figures(paths[0]) != nil }
    #expect(sender.stop() == 0)
    #expect(figures(paths[0])?.contains("notice_delivered_total{destination=\"crm\"} 3\n") == true)
    #expect(figures(paths[1]) == nil)
  }

  @Test func `a new form of the archive counts at once, and the figures go on`() throws {
    let receiver = try HTTPReceiver()
    let metrics = "\(temporary.path)/notice.prom"
    let spool = SpoolDirectory("\(temporary.path)/spool")
    func rescue(_ name: String) throws {
      // As nginx does it: moved into place whole.
      try #"{"rescued":"\#(name)"}"#.write(
        toFile: "\(temporary.path)/body", atomically: false, encoding: .utf8)
      try system.rename("\(temporary.path)/body", to: "\(spool.rescue)/\(name).json")
    }
    func archived() throws -> [String] {
      try system.list(spool.archive).filter { SegmentName($0) != nil }
    }
    try spool.create(system)
    try rescue("1")
    try configure([("crm", receiver)], more: "archive: {form: gzip}\n")
    let sender = try start()
    try eventually("the rescued one is delivered") { receiver.requestCount == 1 }
    // Each record is a segment.
    try append(4, segmentBytesMax: 100)
    try eventually("segments are archived") { try archived().count >= 3 }
    let compressed = try archived()
    #expect(compressed.allSatisfy { $0.hasSuffix(".gz") })

    try configure([("crm", receiver)], more: "archive: {form: plain}\nmetrics: \(metrics)\n")
    sender.signal(SIGHUP)
    try eventually("it has new settings") { sender.log.contains("takes new settings") }
    try append(4, segmentBytesMax: 100)
    try eventually("segments are archived as they are") {
      try archived().filter { $0.hasSuffix(".ndjson") }.count >= 3
    }
    try rescue("2")
    try eventually("the second is delivered") { receiver.requestCount == 10 }
    #expect(sender.stop() == 0)
    let figures = try String(contentsOfFile: metrics, encoding: .utf8)
    #expect(figures.contains("notice_rescued_total 2\n"), "both, across the new settings")
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
