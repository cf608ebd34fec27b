import JSONText
import Notice
import TestSupport
import Testing

struct NoticeRecordTests {
  @Test func `a line is written as documented`() throws {
    let line = try RecordOfSample.line(Array(#"{ "data" : { "messageId" : 1 } }"#.utf8))
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","receivedAt":"2026-11-22T06:48:32.123Z","#
        + #""remote":"203.0.113.7","method":"GET","path":"/notice","kind":"message","#
        + #""body":{"data":{"messageId":1}},"crc32c":"584c71eb"}"# + "\n")
  }

  @Test func `what the request had besides stands behind the path`() throws {
    let request = ReceivedRequest(
      remote: "2001:db8::1", method: "POST", path: "/notice/a\"b", query: "x=1&y=\u{1}",
      userAgent: "curl/8 \\ 语")
    let line = try RecordOfSample.line(Array("[]".utf8), request: request)
    let record = try NoticeRecord(line: line.span.extracting(droppingLast: 1))
    #expect(record.string(.remote) == request.remote)
    #expect(record.string(.method) == request.method)
    #expect(record.string(.path) == request.path)
    #expect(record.string(.query) == request.query)
    #expect(record.string(.userAgent) == request.userAgent)
    #expect(record.kind == .other)
  }

  @Test(arguments: Samples.names)
  func `what is read is what was written`(name: String) throws {
    let body = try JSONText(validating: Samples.bytes(name), finding: NoticeKind.bodyPaths)
    let line = try RecordOfSample.line(Samples.bytes(name))
    let record = try NoticeRecord(line: line.span.extracting(droppingLast: 1))
    #expect(line.count { $0 == 0x0A } == 1 && line.last == 0x0A)
    #expect(record.line == Array(line.dropLast()))
    #expect(Array(record.body) == body.bytes)
    #expect(record.kind == NoticeKind(of: body))
    #expect(record.id.count == 36)
    #expect(record.string(.receivedAt) == "2026-11-22T06:48:32.123Z")
    #expect(record.string(.query) == nil)
    #expect(record.string(.body) == nil)
  }

  @Test(arguments: ["odd-but-valid.json", "room-left-event.json"])
  func `a bit flipped anywhere is refused`(name: String) throws {
    let line = Array(try RecordOfSample.line(Samples.bytes(name)).dropLast())
    for index in line.indices {
      for bit in 0..<8 {
        var flipped = line
        flipped[index] ^= 1 << bit
        #expect(throws: NoticeRecordError.self, "byte \(index), bit \(bit)") {
          try NoticeRecord(line: flipped.span)
        }
      }
    }
  }

  @Test func `a line cut short at either end is refused`() throws {
    let line = Array(try RecordOfSample.line(Samples.bytes("text-private.json")).dropLast())
    for length in line.indices {
      #expect(throws: NoticeRecordError.self) {
        try NoticeRecord(line: line.span.extracting(first: length))
      }
      #expect(throws: NoticeRecordError.self) {
        try NoticeRecord(line: line.span.extracting(last: length))
      }
    }
  }

  /// With a right checksum, so that it is the content that is looked at.
  @Test(arguments: [
    (#"{"kind":"message","body":1"#, #"the line has no "id""#),
    (#"{"id":"short","kind":"message","body":1"#, #"the line has no "id""#),
    (
      #"{"id":"01a20203\u002d7a7b-774f-98c4-dc0c0c0","kind":"other","body":1"#,
      #"the line has no "id""#
    ),
    (
      #"{"id":12345678901234567890123456789012345678,"kind":"other","body":1"#,
      #"the line has no "id""#
    ),
    (#"{"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","body":1"#, #"the line has no "kind""#),
    (
      #"{"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","kind":7,"body":1"#, #"the line has no "kind""#
    ),
    (#"{"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","kind":"other""#, #"the line has no "body""#),
    (#"{"id""#, "the line is not JSON: at byte 5: expected ':', found ','"),
  ])
  func `a line that is no record says what it lacks`(start: String, description: String) {
    var line = Array(start.utf8)
    let checksum = String(CRC32C.checksum(line), radix: 16)
    line += Array(
      #","crc32c":"\#(String(repeating: "0", count: 8 - checksum.count))\#(checksum)"}"#.utf8)
    let error = #expect(throws: NoticeRecordError.self) { try NoticeRecord(line: line.span) }
    #expect(error?.description == description)
  }

  @Test(arguments: [
    ("", "the line does not end in a checksum"), ("{}", "the line does not end in a checksum"),
    (#","crc32c":"00000000"}"#, "the line does not end in a checksum"),
    (#"{"a":1,"crc32c":"00000000"}"#, "the checksum does not fit the line"),
  ])
  func `a line without its checksum says so`(line: String, description: String) {
    let error = #expect(throws: NoticeRecordError.self) {
      try NoticeRecord(line: Array(line.utf8).span)
    }
    #expect(error?.description == description)
  }

  @Test func `a kind of a later version is read as other`() throws {
    var line = Array(
      #"{"id":"01a20203-7a7b-774f-98c4-dc0c0c07398f","kind":"receipt","body":{}"#.utf8)
    let checksum = String(UInt64(CRC32C.checksum(line)) | 1 << 32, radix: 16).dropFirst()
    line += Array(#","crc32c":"\#(checksum)"}"#.utf8)
    #expect(try NoticeRecord(line: line.span).kind == .other)
  }
}
