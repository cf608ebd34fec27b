import Foundation
import JSONText
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct DuplicateMemoryTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let system = LinuxSystemCalls()

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    try directory.create(system)
  }

  private var path: String { "\(directory.state)/crm.duplicates" }

  private func memory(_ system: any SystemCalls, countMax: Int = 100_000) -> DuplicateMemory {
    DuplicateMemory(
      "crm", directory, system, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      countMax: countMax)
  }

  private func record(_ data: String) throws -> NoticeRecord {
    let body = try JSONText(
      validating: Array(#"{"data":{\#(data)}}"#.utf8), finding: NoticeKind.bodyPaths)
    let line = NoticeRecord.line(
      for: body, kind: NoticeKind(of: body),
      request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
      receivedAt: system.realtimeNanoseconds(), random: system.random())
    return try NoticeRecord(line: line.span.extracting(droppingLast: 1))
  }

  private static let push = #""botId":"b","messageId":"m","payload":{"text":"x"}"#

  @Test(arguments: [
    (push, true),
    (#""payload" : {"text" : "x"}, "isSelf":true,"messageId":"m","botId":"b""#, true),
    (#""botId":"c","messageId":"m","payload":{"text":"x"}"#, false),
    (#""botId":"b","messageId":"n","payload":{"text":"x"}"#, false),
    (#""botId":"b","messageId":"m","payload":{"text":"y"}"#, false),
    (#""botId":"b","messageId":"m""#, false),
    (#""botId":"bm","messageId":"","payload":{"text":"x"}"#, false),
    (#""messageId":"m","payload":{"text":"x"}"#, false),
  ])
  func `bot, message and payload together make a push the same`(
    data: String, isDuplicate: Bool
  ) throws {
    var memory = memory(system)
    memory.delivered(try record(Self.push))
    #expect(try memory.isDuplicate(record(data)) == isDuplicate)
  }

  @Test func `the two pushes of an image are two`() throws {
    var memory = memory(system)
    let bodies = try ["image-first-push.json", "image-second-push.json"].map { name in
      try JSONText(validating: Samples.bytes(name), finding: NoticeKind.bodyPaths)
    }
    let records = try bodies.map { body in
      let line = NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random())
      return try NoticeRecord(line: line.span.extracting(droppingLast: 1))
    }
    memory.delivered(records[0])
    #expect(!memory.isDuplicate(records[1]))
  }

  @Test func `a record without bot or message is never a duplicate`() throws {
    var memory = memory(system)
    let data = #""payload":{"text":"x"},"roomId":"r""#
    memory.delivered(try record(data))
    #expect(try !memory.isDuplicate(record(data)))
  }

  @Test func `what was saved is known after a restart, what was not is delivered again`() throws {
    var memory = memory(system)
    memory.delivered(try record(Self.push))
    memory.save()
    memory.delivered(try record(#""botId":"b","messageId":"late","payload":{}"#))
    let again = self.memory(system)
    #expect(try again.isDuplicate(record(Self.push)))
    #expect(try !again.isDuplicate(record(#""botId":"b","messageId":"late","payload":{}"#)))
    #expect(
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
  }

  @Test func `the file stays small, and the latest stay known`() throws {
    var memory = memory(system, countMax: 10)
    for number in 0..<100 {
      memory.delivered(try record(#""botId":"b","messageId":"\#(number)","payload":{}"#))
      memory.save()
      #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count <= 20)
    }
    let again = self.memory(system, countMax: 10)
    for number in 90..<100 {
      #expect(try again.isDuplicate(record(#""botId":"b","messageId":"\#(number)","payload":{}"#)))
    }
    #expect(try !again.isDuplicate(record(#""botId":"b","messageId":"5","payload":{}"#)))
  }

  @Test func `a file damaged at any byte makes no push a duplicate that was not delivered`() throws
  {
    var memory = memory(system)
    for number in 0..<3 {
      memory.delivered(try record(#""botId":"b","messageId":"\#(number)","payload":{}"#))
    }
    memory.save()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let other = try record(#""botId":"b","messageId":"other","payload":{}"#)
    for offset in whole.indices {
      var damaged = whole
      damaged[offset] ^= 1
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(!self.memory(system).isDuplicate(other))
      try whole.prefix(offset).write(to: URL(fileURLWithPath: path))
      #expect(!self.memory(system).isDuplicate(other))
    }
  }

  @Test func `a file that cannot be written costs only what it would have told`() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    var memory = memory(system)
    memory.delivered(try record(Self.push))
    memory.save()
    #expect(try memory.isDuplicate(record(Self.push)))
    #expect(try !self.memory(system).isDuplicate(record(Self.push)))
  }
}
