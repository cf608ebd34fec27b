import Foundation
import Notice
import TestSupport
import Testing

/// Bad input through nginx: the status, an explanation a person can act on, what is kept, and that the next good request
/// is taken.
struct RefusalTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    var method = "POST"
    var target = "/notice"
    var body: [UInt8] = Array(#"{"data":{}}"#.utf8)
    let status: Int
    /// What the explanation says.
    let detail: String
    var isKept = false

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "not JSON", body: Array("hello".utf8), status: 400, detail: "at byte 0", isKept: true),
    Case(
      name: "cut in the middle", body: Array(#"{"data":{"messageId":"1""#.utf8), status: 400,
      detail: "byte 24", isKept: true),
    Case(
      name: "empty GET", method: "GET", body: [], status: 400, detail: "proxy", isKept: true),
    Case(name: "empty POST", body: [], status: 400, detail: "no body", isKept: true),
    Case(
      name: "invalid UTF-8", body: Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8),
      status: 400,
      detail: "UTF-8", isKept: true),
    Case(
      name: "10,000 levels deep",
      body: Array(repeating: UInt8(ascii: "["), count: 10_000)
        + Array(repeating: UInt8(ascii: "]"), count: 10_000),
      status: 400, detail: "512", isKept: true),
    Case(
      name: "over the limit",
      body: Array(#"{"a":""#.utf8) + Array(repeating: 0x61, count: 1_200_000) + Array(#""}"#.utf8),
      status: 413, detail: "1048576", isKept: true),
    Case(name: "wrong method", method: "PUT", status: 405, detail: "GET"),
    Case(
      name: "wrong method, with a body of its own", method: "DELETE", status: 405, detail: "POST"),
  ]

  @Test(arguments: cases)
  func `bad input is answered and explained`(bad: Case) throws {
    let deployment = try Deployment()
    try deployment.startHandler()
    try deployment.startNginx()
    let client = HTTPClient(port: deployment.port)

    let answer = try client.send(bad.method, bad.target, body: bad.body)
    #expect(answer.status == bad.status)
    #expect(answer.headers["content-type"] == "application/problem+json")
    let problem = try #require(
      try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    #expect(problem["status"] as? Int == bad.status)
    #expect((problem["title"] as? String)?.isEmpty == false)
    #expect((problem["detail"] as? String)?.contains(bad.detail) == true, "\(answer.text)")
    if bad.status == 405 { #expect(answer.headers["allow"] == "GET, POST") }

    let kept = try deployment.quarantined()
    #expect(kept.count == (bad.isKept ? 1 : 0))
    if bad.isKept {
      #expect(kept.first?["status"] as? Int == bad.status)
      #expect(kept.first?["bytes"] as? Int == bad.body.count)
    }
    let good = try client.send("GET", "/notice", body: Array("{}".utf8))
    #expect(good.status == 200)
    #expect(try deployment.records().count == 1)
  }

  @Test func `a body shorter than its Content-Length is refused and kept`() throws {
    // nginx itself ends such a request; the handler is asked as CGI, where nothing stands between.
    let temporary = try TemporaryDirectory()
    let body = Array(#"{"data":{"messageId":"1"}}"#.utf8)
    let answer = try Programs.run(
      Programs.handler, [],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
        "CONTENT_LENGTH": "100", "NOTICE_SPOOL": "\(temporary.path)/spool",
      ], input: body)
    #expect(answer.output.hasPrefix("Status: 400 "))
    #expect(answer.output.contains("26"))
    #expect(answer.output.contains("100"))
    let kept = try String(
      contentsOfFile: "\(temporary.path)/spool/quarantine/refused.ndjson", encoding: .utf8)
    #expect(kept.contains(#""bytes":"#))
  }

  @Test func `what is refused leaves a later version's spool alone`() throws {
    let temporary = try TemporaryDirectory()
    try "2\n".write(toFile: "\(temporary.path)/format", atomically: false, encoding: .utf8)
    let answer = try Programs.run(
      Programs.handler, [],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
        "CONTENT_LENGTH": "5", "NOTICE_SPOOL": temporary.path,
      ], input: Array("hello".utf8))
    #expect(answer.output.hasPrefix("Status: 400 "), "\(answer.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == ["format"])
  }

  @Test(arguments: [
    ("/notice?key=sesame", 200), ("/notice/sesame", 200), ("/notice/sesame/message", 200),
    ("/notice?key=mellon", 200), ("/notice?key=guess", 403), ("/notice", 403),
    ("/notice/guess", 403),
    ("/elsewhere?key=sesame", 404), ("/noticeboard?key=sesame", 404),
  ])
  func `only who has a key gets in, and the key is not stored`(target: String, status: Int) throws {
    let deployment = try Deployment(keys: ["sesame", "mellon"])
    try deployment.startHandler(["--key", "sesame", "--key", "mellon"])
    try deployment.startNginx()
    let answer = try HTTPClient(port: deployment.port).send(
      "GET", target, body: Array("{}".utf8))
    #expect(answer.status == status)
    let records = try deployment.records()
    #expect(records.count == (status == 200 ? 1 : 0))
    for record in records {
      let line = String(decoding: record.line, as: UTF8.self)
      #expect(!line.contains("sesame") && !line.contains("mellon"))
    }
    #expect(try deployment.quarantined().isEmpty)
  }

  @Test func `the handler itself refuses a wrong key and a wrong path`() throws {
    let deployment = try Deployment()
    try deployment.startHandler(["--key", "sesame", "--path", "/notice/inner"])
    try deployment.startNginx()
    let client = HTTPClient(port: deployment.port)
    let body = Array("{}".utf8)
    let forbidden = try client.send("POST", "/notice/inner?key=guess", body: body)
    #expect(forbidden.status == 403)
    #expect(!forbidden.text.contains("guess") && !forbidden.text.contains("sesame"))
    #expect(try client.send("POST", "/notice?key=sesame", body: body).status == 404)
    #expect(try client.send("POST", "/notice/inner?key=sesame", body: body).status == 200)
    #expect(try deployment.quarantined().isEmpty)
  }
}
