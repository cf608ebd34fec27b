import Foundation
import Notice
import Testing

@testable import Spool

struct QuarantineEntryTests {
  private let time = Timestamp(milliseconds: 1_795_330_112_123)

  private func line(_ bytes: [UInt8], _ origin: QuarantineEntry.Origin, max: Int = 1000) -> String {
    let entry = QuarantineEntry(reason: "no \"JSON\"", bytes: bytes, origin: origin)
    return String(decoding: entry.line(at: time, bytesMax: max), as: UTF8.self)
  }

  @Test func `a refused request is kept with who and how it was`() {
    var request = ReceivedRequest(remote: "203.0.113.7", method: "GET", path: "/notice")
    #expect(
      line(
        Array("{\"a\":\t1".utf8),
        .request(request, status: 400, problem: "cut-short", bytesTotal: 7))
        == #"{"time":"2026-11-22T06:48:32.123Z","reason":"no \"JSON\"","status":400,"problem":"cut-short","remote":"203.0.113.7","#
        + #""method":"GET","path":"/notice","bytes":7,"text":"{\"a\":\t1"}"# + "\n")
    request.query = "a=b"
    request.userAgent = "curl"
    #expect(
      line([0xFF], .request(request, status: 413, problem: "too-large", bytesTotal: 1_048_577))
        == #"{"time":"2026-11-22T06:48:32.123Z","reason":"no \"JSON\"","status":413,"problem":"too-large","remote":"203.0.113.7","#
        + #""method":"GET","path":"/notice","query":"a=b","userAgent":"curl","bytes":1048577,"base64":"/w=="}"#
        + "\n")
  }

  @Test func `damaged bytes are kept with their place`() {
    let name = SegmentName(number: 42, createdAt: time)
    #expect(
      line([], .segment(name, offset: 4711))
        == #"{"time":"2026-11-22T06:48:32.123Z","reason":"no \"JSON\"","segment":"000042-20261122T064832Z.ndjson","#
        + #""offset":4711,"bytes":0,"text":""}"# + "\n")
    #expect(
      line([0x61], .file("body.1"))
        == #"{"time":"2026-11-22T06:48:32.123Z","reason":"no \"JSON\"","file":"body.1","bytes":1,"text":"a"}"#
        + "\n")
  }

  @Test func `of many bytes the first are kept and all are counted`() {
    #expect(
      line(Array("abcdef".utf8), .file("f"), max: 3).hasSuffix(#""bytes":6,"text":"abc"}"# + "\n"))
  }

  @Test func `bytes that are no text come back from base64`() {
    for count in 0...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
      #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
    }
  }
}
