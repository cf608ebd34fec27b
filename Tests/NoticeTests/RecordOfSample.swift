import JSONText
import Notice
import TestSupport

/// A record as the handler would have written it at a fixed time.
enum RecordOfSample {
  static let nanoseconds: Int64 = 1_795_330_112_123_456_789
  static let request = ReceivedRequest(remote: "203.0.113.7", method: "GET", path: "/notice")

  static func line(
    _ body: [UInt8], request: ReceivedRequest = RecordOfSample.request
  ) throws -> [UInt8] {
    let text = try JSONText(validating: body, finding: NoticeKind.bodyPaths)
    return NoticeRecord.line(
      for: text, kind: NoticeKind(of: text), request: request, receivedAt: nanoseconds,
      random: 0x18C4_DC0C_0C07_398F)
  }

  static func record(_ body: [UInt8]) throws -> NoticeRecord {
    let line = try line(body)
    return try NoticeRecord(line: line.span.extracting(droppingLast: 1))
  }

  static func record(_ body: String) throws -> NoticeRecord { try record(Array(body.utf8)) }
  static func record(sample name: String) throws -> NoticeRecord { try record(Samples.bytes(name)) }
}
