import JSONText
import Notice
import TestSupport

/// Records as the handler would have written them, each with an id of its own.
enum TestRecord {
  static func of(_ body: [UInt8], number: UInt64 = 0) throws -> NoticeRecord {
    let text = try JSONText(validating: body, finding: NoticeKind.bodyPaths)
    let line = NoticeRecord.line(
      for: text, kind: NoticeKind(of: text),
      request: ReceivedRequest(remote: "203.0.113.7", method: "GET", path: "/notice"),
      receivedAt: 1_795_330_112_123_000_000 + Int64(number) * 1_000_000, random: number)
    return try NoticeRecord(line: line.span.extracting(droppingLast: 1))
  }

  static func of(_ body: String, number: UInt64 = 0) throws -> NoticeRecord {
    try of(Array(body.utf8), number: number)
  }

  static func of(sample name: String, number: UInt64 = 0) throws -> NoticeRecord {
    try of(Samples.bytes(name), number: number)
  }
}
