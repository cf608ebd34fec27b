import Delivery
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

/// A whole sender in the test's own process, from a spool to a real HTTP receiver.
struct LaneTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let writer: SpoolWriter
  private let system = LaneRun.system()

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    var settings = SpoolSettings()
    settings.segmentBytesMax = 2000
    writer = SpoolWriter(directory, settings, system)
  }

  private func append(_ id: String, chat: String) throws {
    let body = try JSONText(
      validating: LoadClient.body(id: id, chat: chat), finding: NoticeKind.bodyPaths)
    try writer.append(
      NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random()))
  }

  private func once(_ receivers: [HTTPReceiver], archive: SegmentArchive.Form = .gzip) throws
    -> Bool
  {
    let destinations = receivers.enumerated().map { number, receiver in
      DestinationSettings(
        name: "d\(number)",
        kind: .http(HTTPSettings(url: receiver.url, body: .original, userAgent: "test")))
    }
    return try Supervisor(
      SenderSettings(
        spool: directory.path, destinations: destinations,
        archive: ArchiveSettings(form: archive, daysMax: nil)),
      mode: .once, system
    ).run()
  }

  @Test func `a chat arrives in order, and delivered segments go to the archive`() throws {
    for number in 0..<60 { try append("\(number)", chat: "chat \(number % 3)") }
    let receiver = try HTTPReceiver()
    #expect(try once([receiver]))
    for chat in 0..<3 {
      let numbers = try receiver.requests.compactMap { request -> Int? in
        let object = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        guard data?["chatId"] as? String == "chat \(chat)" else { return nil }
        return (data?["messageId"] as? String).flatMap { Int($0) }
      }
      #expect(numbers == Array(stride(from: chat, to: 60, by: 3)))
    }
    let archived = try system.list(directory.archive)
    #expect(archived.count > 5)
    #expect(archived.allSatisfy { $0.hasSuffix(".ndjson.gz") })
    #expect(try directory.segmentNames(system).count == 1)
  }

  @Test func `a destination that fails keeps its messages and no other's`() throws {
    for number in 0..<10 { try append("\(number)", chat: "a") }
    let good = try HTTPReceiver()
    let bad = try HTTPReceiver { _ in .status(503) }
    #expect(try !once([good, bad]))
    #expect(good.requestCount == 10)
    #expect(try system.list(directory.archive).isEmpty)
    let store = CheckpointStore(
      "d1", directory, system, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    #expect(try store.load().counts.delivered == 0)
  }

  @Test func `a message given up lies in the dead letters with what is needed to act`() throws {
    for number in 0..<3 { try append("\(number)", chat: "chat \(number)") }
    let receiver = try HTTPReceiver { request in
      String(decoding: request.body, as: UTF8.self).contains("\"messageId\":\"1\"")
        ? .status(422, body: "no such customer") : .ok
    }
    #expect(try !once([receiver]))
    #expect(receiver.requestCount == 3)
    // Another one that gets through after it shows that the destination works.
    try append("3", chat: "chat 3")
    #expect(try !once([receiver]))
    // The confirming retry comes after five seconds, a fifth more or less.
    system.advance(seconds: 3.9)
    #expect(try !once([receiver]))
    #expect(receiver.requestCount == 4)
    system.advance(seconds: 2.2)
    #expect(try once([receiver]))
    #expect(receiver.requestCount == 5)
    let letters = try String(contentsOfFile: "\(directory.dead)/d0.ndjson", encoding: .utf8)
    let letter = try #require(
      try JSONSerialization.jsonObject(with: Data(letters.utf8)) as? [String: Any])
    #expect(letter["attempts"] as? Int == 2)
    #expect(letter["status"] as? Int == 422)
    #expect(letter["answer"] as? String == "no such customer")
    #expect((letter["record"] as? [String: Any])?["id"] as? String != nil)
  }

  @Test func `damaged lines are kept, told and passed over`() throws {
    for number in 0..<5 { try append("\(number)", chat: "a") }
    let name = try #require(try directory.segmentNames(system).first)
    var data = try Data(contentsOf: URL(fileURLWithPath: directory.segment(name)))
    data[data.startIndex + 100] ^= 1
    try data.write(to: URL(fileURLWithPath: directory.segment(name)))
    let receivers = [try HTTPReceiver(), try HTTPReceiver()]
    #expect(try once(receivers))
    #expect(receivers.map(\.requestCount) == [4, 4])
    let kept = try String(
      contentsOfFile: "\(directory.quarantine)/damaged.ndjson", encoding: .utf8)
    #expect(kept.split(separator: "\n").count == 1)
    #expect(kept.contains("\"offset\":0"))
  }

  @Test func `bodies that nginx rescued are taken in, and what is no JSON is kept`() throws {
    try directory.create(system)
    for (name, text) in [
      ("1762489591.123-a.json", #"{"data":{"messageId":"rescued"}}"#),
      ("1762489592.000-b.json", "no"),
      ("0000000001", "half of a bo"),
    ] {
      try text.write(toFile: "\(directory.rescue)/\(name)", atomically: false, encoding: .utf8)
    }
    let receiver = try HTTPReceiver()
    #expect(try once([receiver], archive: .plain))
    #expect(
      receiver.requests.map { String(decoding: $0.body, as: UTF8.self) } == [
        #"{"data":{"messageId":"rescued"}}"#
      ])
    #expect(try system.list(directory.rescue) == ["0000000001"], "it may still be growing")
    let kept = try String(
      contentsOfFile: "\(directory.quarantine)/refused.ndjson", encoding: .utf8)
    #expect(kept.contains("1762489592.000-b.json"))
    let segment = try #require(try directory.segmentNames(system).first)
    let line = try String(contentsOfFile: directory.segment(segment), encoding: .utf8)
    #expect(line.contains(#""receivedAt":"2025-11-07T04:26:31.123Z""#))
  }
}
