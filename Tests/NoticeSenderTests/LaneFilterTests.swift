import Destinations
import Foundation
import JSONText
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// What a destination does not want, and what it already has, is counted as filtered and never sent.
struct LaneFilterTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let writer: SpoolWriter
  private let system = LinuxSystemCalls()

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    writer = SpoolWriter(directory, SpoolSettings(), system)
  }

  private func append(_ sample: String) throws {
    let body = try JSONText(validating: Samples.bytes(sample), finding: NoticeKind.bodyPaths)
    try writer.append(
      NoticeRecord.line(
        for: body, kind: NoticeKind(of: body),
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random()))
  }

  private func once(_ settings: DestinationSettings) throws -> Bool {
    try Supervisor(
      SenderSettings(spool: directory.path, destinations: [settings]), mode: .once, system
    ).run()
  }

  private func counts(_ destination: String) throws -> Checkpoint.Counts {
    try CheckpointStore(
      destination, directory, system, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).load().counts
  }

  private func settings(_ receiver: HTTPReceiver) -> DestinationSettings {
    DestinationSettings(
      name: "crm", kind: .http(HTTPSettings(url: receiver.url, body: .original, userAgent: "test")))
  }

  @Test func `what a filter does not want is counted and not sent`() throws {
    for name in Samples.names { try append(name) }
    let receiver = try HTTPReceiver()
    var settings = settings(receiver)
    var only = NoticePattern()
    try only.require(.type, oneOf: ["text"])
    var except = NoticePattern()
    try except.require(.isSelf, oneOf: ["true"])
    settings.filter = NoticeFilter(only: [only], except: [except])
    #expect(try once(settings))
    let wanted = [
      "flat-organisation.json", "odd-but-valid.json", "room-second-bot.json", "text-private.json",
      "text-room-mention.json",
    ]
    #expect(receiver.requestCount == wanted.count)
    let counts = try counts("crm")
    #expect(counts.delivered == wanted.count)
    #expect(counts.filtered == Samples.names.count - wanted.count)
  }

  @Test func `a push that was delivered is left out when it comes again, also after a restart`()
    throws
  {
    let receiver = try HTTPReceiver()
    var settings = settings(receiver)
    settings.suppressesDuplicates = true
    for _ in 0..<3 { try append("text-private.json") }
    try append("image-first-push.json")
    try append("image-second-push.json")
    #expect(try once(settings))
    #expect(receiver.requestCount == 3)
    for _ in 0..<2 { try append("text-private.json") }
    #expect(try once(settings))
    #expect(receiver.requestCount == 3)
    #expect(try counts("crm").delivered == 3)
    #expect(try counts("crm").filtered == 4)
  }

  @Test func `a push that was not delivered is no duplicate`() throws {
    let receiver = try HTTPReceiver { _ in .status(503) }
    var settings = settings(receiver)
    settings.suppressesDuplicates = true
    for _ in 0..<3 { try append("text-private.json") }
    #expect(try !once(settings))
    #expect(try counts("crm") == Checkpoint.Counts())
  }

  @Test func `duplicates are delivered where nothing else is asked for`() throws {
    let receiver = try HTTPReceiver()
    for _ in 0..<3 { try append("text-private.json") }
    #expect(try once(settings(receiver)))
    #expect(receiver.requestCount == 3)
  }
}
