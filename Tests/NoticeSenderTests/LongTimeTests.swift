import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// A lane from the spool to a real receiver, over hours and days that pass in seconds. The environment's NOTICE_LONG=1 makes
/// it thousands of messages.
@Suite(.serialized) struct LongTimeTests {
  private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"
  private static let chats = 20

  private let fixture: SenderFixture
  private let system = LaneRun.system()
  private let writer: SpoolWriter

  init() throws {
    fixture = try SenderFixture()
    var settings = SpoolSettings()
    settings.segmentBytesMax = 1 << 20
    writer = SpoolWriter(fixture.directory, settings, system)
  }

  private func append(_ numbers: Range<Int>) throws {
    let lines = try numbers.map { number in
      let body = try JSONText(
        validating: LoadClient.body(id: "\(number)", chat: "chat \(number % Self.chats)"),
        finding: NoticeKind.bodyPaths)
      return NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random())
    }
    let outcome = writer.append(contentsOf: lines)
    #expect(outcome.committed == lines.count)
  }

  private func expectOrder(_ delivered: [Int], but exception: Int? = nil) {
    for chat in 0..<Self.chats {
      let numbers = delivered.filter { $0 % Self.chats == chat && $0 != exception }
      #expect(numbers == numbers.sorted(), "chat \(chat) is out of order")
    }
  }

  private func letters() throws -> [[String: Any]] {
    let path = "\(fixture.directory.dead)/d0.ndjson"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test
  func
    `a message that always gets 500 holds its chat for fifteen minutes, dies in days, and all others arrive`()
    throws
  {
    let count = Self.isLong ? 10_000 : 1000
    let poisoned = 77
    let answer = String(repeating: "Internal error. ", count: 1000)
    let receiver = try ChatReceiver(system) { number, _ in
      number == poisoned ? .status(500, body: answer) : .ok
    }
    try append(0..<count)
    let lane = try LaneRun(receiver.settings, mode: .run, in: fixture.directory, system)
    let behind = (poisoned + 1..<count).count { $0 % Self.chats == poisoned % Self.chats }
    try eventually("all chats but its own have all") {
      receiver.deliveredCount == count - 1 - behind
    }
    #expect(receiver.delivered.allSatisfy { $0 < poisoned || ($0 - poisoned) % Self.chats != 0 })

    try lane.pass(upTo: 3600, inSteps: 10, "its chat goes on") {
      !receiver.requests(of: poisoned + Self.chats).isEmpty
    }
    try eventually("its chat has all") { receiver.deliveredCount == count - 1 }
    let first = try #require(receiver.requests(of: poisoned).first).atSeconds
    let next = try #require(receiver.requests(of: poisoned + Self.chats).first).atSeconds
    #expect((899...901).contains(next - first), "\(next - first) s")

    try lane.pass(upTo: 6 * 86_400, inSteps: 900, "it is given up") { try !letters().isEmpty }
    let attempts = receiver.requests(of: poisoned)
    #expect(attempts.count == 11)
    let days = (try #require(attempts.last).atSeconds - first) / 86_400
    // 3.15 days ±20 %, and each wait ends up to a step of 900 s late.
    #expect((2.5...3.95).contains(days))
    lane.stop()

    let letter = try #require(try letters().first)
    #expect(try letters().count == 1)
    #expect((letter["reason"] as? String)?.hasPrefix("answered 500: Internal error. ") == true)
    #expect(letter["attempts"] as? Int == 11)
    #expect(letter["status"] as? Int == 500)
    #expect(letter["answer"] as? String == String(answer.prefix(4096)))
    let record = try #require(letter["record"] as? [String: Any])
    let data = (record["body"] as? [String: Any])?["data"] as? [String: Any]
    #expect(data?["messageId"] as? String == "\(poisoned)")
    expectOrder(receiver.delivered)
    #expect(receiver.delivered.count == count - 1 && Set(receiver.delivered).count == count - 1)
    #expect(try fixture.checkpoint().counts.delivered == count - 1)
    #expect(try fixture.checkpoint().counts.dead == 1)
    #expect(try fixture.findings() == [])
    print("\(count) messages, given up after \(days) days")
  }

  @Test func `what failed is at hand when it is tried again`() throws {
    let end = ChatReceiver.seconds(system) + 60
    let receiver = try ChatReceiver(system) { _, now in now < end ? .status(503) : .ok }
    try append(0..<5)
    let lane = try LaneRun(receiver.settings, mode: .run, in: fixture.directory, system)
    try eventually("it is asked") { receiver.requestCount > 0 }
    var opened = 0
    for _ in 0..<1000 where receiver.deliveredCount < 5 {
      try lane.pass(seconds: 5)
      opened += system.count("open", "\(fixture.directory.segments)/0")
    }
    lane.stop()
    #expect(receiver.deliveredCount == 5 && receiver.requestCount > 5)
    #expect(opened == 0, "no segment is read for it")
  }

  /// Some come before it, most while it lasts; those under way as it begins are answered by either.
  @Test(arguments: [400, 404, 422, 500, 502])
  func `an hour of a wrong deploy kills nothing, and all arrive in order after`(status: Int) throws
  {
    let count = Self.isLong ? 3000 : 600
    let start = ChatReceiver.seconds(system)
    let wrong = start + 30..<start + 3630
    let receiver = try ChatReceiver(system) { _, now in
      wrong.contains(now) ? .status(status, body: "wrong deploy") : .ok
    }
    try append(0..<count / 4)
    let lane = try LaneRun(receiver.settings, mode: .run, in: fixture.directory, system)
    try eventually("it delivers") { receiver.deliveredCount >= count / 8 }
    system.advance(seconds: 30)
    let before = receiver.requests.count
    var sent = count / 4
    while ChatReceiver.seconds(system) < wrong.upperBound {
      let next = min(count, sent + count / 200)
      try append(sent..<next)
      sent = next
      try lane.pass(seconds: 10)
    }
    try append(sent..<count)
    let asked = receiver.requests.filter { wrong.contains($0.atSeconds) }
    #expect(!asked.isEmpty && receiver.requests.count >= before)
    #expect(asked.count < 150, "it is probed, and no more")
    #expect(Set(asked.map(\.number)).count >= 5, "with different messages")
    #expect(try letters().isEmpty)

    try lane.pass(upTo: 4 * 3600, inSteps: 5, "all arrive") { receiver.deliveredCount >= count }
    lane.stop()
    #expect(receiver.delivered.count == count && Set(receiver.delivered).count == count)
    expectOrder(receiver.delivered)
    #expect(try letters().isEmpty)
    #expect(try fixture.checkpoint().counts.delivered == count)
    #expect(try fixture.findings() == [])
    #expect(lane.log.all.contains { $0.hasPrefix("warning: paused, and will be tried again: ") })
    #expect(lane.log.all.contains("notice: delivers again"))
    print("\(status): asked \(asked.count) times in the hour")
  }
}
