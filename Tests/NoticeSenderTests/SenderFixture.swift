import Delivery
import Destinations
import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// A spool in a directory of its own, a sender in the test's own process, and what a crash or a hand may do to its files.
struct SenderFixture {
  let temporary: TemporaryDirectory
  let directory: SpoolDirectory
  let writer: SpoolWriter
  let system = LinuxSystemCalls()

  init(segmentBytesMax: Int = 4000) throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
    var settings = SpoolSettings()
    settings.segmentBytesMax = segmentBytesMax
    writer = SpoolWriter(directory, settings, system)
    try directory.create(system)
  }

  var database: String { "\(temporary.path)/notices.db" }

  /// Records whose message ids are these numbers, in three chats.
  func lines(_ numbers: Range<Int>, isShort: Bool = false) throws -> [[UInt8]] {
    try numbers.map { number in
      let short = #"{"data":{"messageId":"\#(number)","chatId":"\#(number % 3)"}}"#
      let body = try JSONText(
        validating: isShort
          ? Array(short.utf8) : LoadClient.body(id: "\(number)", chat: "chat \(number % 3)"),
        finding: NoticeKind.bodyPaths)
      return NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random())
    }
  }

  func append(_ numbers: Range<Int>, isShort: Bool = false) throws {
    // One by one, so that segments end where they do in a handler.
    for line in try lines(numbers, isShort: isShort) { try writer.append(line) }
  }

  func http(_ receiver: HTTPReceiver, name: String = "d0") -> DestinationSettings {
    DestinationSettings(
      name: name, kind: .http(HTTPSettings(url: receiver.url, body: .original, userAgent: "test")))
  }

  func sqlite(name: String = "database") -> DestinationSettings {
    DestinationSettings(name: name, kind: .sqlite(database))
  }

  @discardableResult
  func once(
    _ destinations: [DestinationSettings], archive: SegmentArchive.Form = .gzip,
    daysMax: Int? = nil, metrics: String? = nil
  ) throws -> Bool {
    try Supervisor(
      SenderSettings(
        spool: directory.path, destinations: destinations,
        archive: ArchiveSettings(form: archive, daysMax: daysMax), metrics: metrics),
      mode: .once, system
    ).run()
  }

  func audit() throws -> Audit {
    try Audit(directory, tables: ["database": database], system)
  }

  /// Every finding of an audit.
  func findings() throws -> [String] {
    let audit = try audit()
    return audit.findings + audit.accounts.flatMap(\.findings)
  }

  /// All records, in order, with where they lie.
  func records() throws -> [NoticeRecord] {
    var records: [NoticeRecord] = []
    for segment in try StoredSegment.all(directory, system) {
      let lines = try #require(try segment.lines())
      while let line = try lines.next() { records.append(try NoticeRecord(line: line.span)) }
    }
    return records
  }

  func checkpoint(_ name: String = "d0") throws -> Checkpoint {
    try #require(try CheckpointStore(name, directory, system).peek())
  }

  func change(_ name: String = "d0", _ body: (inout Checkpoint) -> Void) throws {
    var checkpoint = try checkpoint(name)
    body(&checkpoint)
    try CheckpointStore(name, directory, system).save(checkpoint)
  }

  func letters(_ name: String = "d0") -> DeadLetters { DeadLetters(name, directory, system) }

  /// Makes a delivered record a dead one, as if it had been given up.
  func bury(_ record: NoticeRecord, _ name: String = "d0") throws {
    try letters(name).append(
      record, attempts: 2,
      outcome: .answered(status: 422, retryAfterSeconds: nil, excerpt: Array("no".utf8)),
      isReplay: false)
    try change(name) { checkpoint in
      checkpoint.counts.delivered -= 1
      checkpoint.counts.dead += 1
      checkpoint.updatedAt = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000 + 1)
    }
  }

  func deadIDs(_ name: String = "d0") throws -> [String] {
    var ids: [String] = []
    try letters(name).read { letter, _ in ids.append(letter.record.id) }
    return ids
  }

  func files(_ folder: String) throws -> [String] { try system.list(folder).sorted() }

  func change(_ path: String, lines body: ([String]) -> [String]) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = body(text.split(separator: "\n").map(String.init))
    try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
  }
}

extension HTTPReceiver {
  /// The message ids it got, in the order they came.
  var messageIDs: [String] { messageIDs(from: 0) }

  /// Of its requests from that number on.
  func messageIDs(from start: Int) -> [String] {
    requests[start...].compactMap { request in
      let object = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
      return (object?["data"] as? [String: Any])?["messageId"] as? String
    }
  }
}
