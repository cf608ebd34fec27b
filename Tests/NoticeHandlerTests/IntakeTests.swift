import FastCGI
import Foundation
import JSONText
import SystemCalls
import TestSupport
import Testing

@testable import NoticeHandler

extension Intake {
  /// The answer, of an intake that nobody else uses.
  fileprivate func respond(to request: any Request) -> Response {
    let response = Monitor<Response?>(nil)
    respond(to: request) { answer in response.withLock { $0 = answer } }
    return response.withLock { $0! }
  }
}

struct IntakeTests {
  private let directory: TemporaryDirectory
  private var spool: String { "\(directory.path)/spool" }

  init() throws { directory = try TemporaryDirectory() }

  private func intake(
    _ arguments: [String] = [], spool: String? = nil,
    on system: any SystemCalls = LinuxSystemCalls()
  ) throws -> Intake {
    let all = ["--spool", spool ?? self.spool] + arguments
    let source = SettingSource(arguments: try Arguments(all).values) { _ in nil }
    return Intake(try HandlerSettings(source), system, Log(system) { _ in })
  }

  private func lines(_ name: String) throws -> [[String: Any]] {
    guard let data = FileManager.default.contents(atPath: "\(spool)/\(name)") else { return [] }
    return try data.split(separator: UInt8(ascii: "\n")).map { line in
      try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
    }
  }

  private func problem(_ response: Response) throws -> [String: Any] {
    #expect(response.contentType == "application/problem+json")
    let object = try JSONSerialization.jsonObject(with: Data(response.body))
    let problem = try #require(object as? [String: Any])
    #expect(problem["type"] as? String == "about:blank")
    #expect(problem["status"] as? Int == response.status.rawValue)
    #expect(problem["title"] as? String == response.status.phrase)
    return problem
  }

  @Test(arguments: ["GET", "POST"], Samples.names)
  func `every sample is taken by either method`(method: String, name: String) throws {
    let bytes = try Samples.bytes(name)
    let response = try intake().respond(
      to: TestRequest(method, "/notice/message", body: .whole(bytes)))
    #expect(response.status == .ok && response.body == Array("{}".utf8))
    #expect(response.contentType == "application/json")
    let line = try String(contentsOfFile: "\(spool)/current.ndjson", encoding: .utf8)
    let body = String(decoding: try JSONText(validating: bytes).bytes, as: UTF8.self)
    #expect(line.contains(#""method":"\#(method)","path":"/notice/message","kind":""#))
    #expect(line.contains(#"","body":\#(body),"crc32c":""#))
    #expect(line.split(separator: "\n").count == 1)
  }

  @Test func `a key is in no file`() throws {
    let intake = try intake(["--key", "s3cr3t"])
    for uri in ["/notice?key=s3cr3t&a=1", "/notice/s3cr3t/x"] {
      #expect(intake.respond(to: TestRequest("POST", uri, text: "{}")).status == .ok)
      #expect(intake.respond(to: TestRequest("POST", uri, text: "{")).status == .badRequest)
    }
    for name in ["current.ndjson", "quarantine/refused.ndjson"] {
      #expect(try lines(name).count == 2)
      let text = try String(contentsOfFile: "\(spool)/\(name)", encoding: .utf8)
      #expect(!text.contains("s3cr3t") && text.contains("a=1"))
    }
  }

  @Test(arguments: [
    ("{\"a\":1", "not-json", 6, "ends at byte 6"), ("{\"a\":tru}", "not-json", 8, "at byte 8"),
    (" ", "not-json", 1, "a value"),
    (String(repeating: "[", count: 10_000), "not-json", 512, "512 levels"),
  ])
  func `what is not JSON is refused with where and what, and kept`(
    text: String, reason: String, offset: Int, detail: String
  ) throws {
    let intake = try intake()
    let response = intake.respond(to: TestRequest(text: text))
    #expect(response.status == .badRequest)
    let problem = try problem(response)
    #expect(problem["reason"] as? String == reason)
    #expect(problem["offset"] as? Int == offset)
    #expect((problem["detail"] as? String)?.contains(detail) == true)
    let kept = try lines("quarantine/refused.ndjson")
    #expect(kept.count == 1 && kept[0]["text"] as? String == text)
    #expect(kept[0]["status"] as? Int == 400)
    #expect(intake.respond(to: TestRequest(text: "{}")).status == .ok)
  }

  @Test func `invalid UTF-8 is refused and kept as it came`() throws {
    let response = try intake().respond(to: TestRequest(body: .whole([0x22, 0xFF, 0x22])))
    #expect(response.status == .badRequest)
    #expect(try lines("quarantine/refused.ndjson").first?["base64"] as? String == "Iv8i")
  }

  @Test func `a body cut short is refused and kept`() throws {
    let response = try intake().respond(
      to: TestRequest(body: .cutShort(Array("{}".utf8), expected: 10)))
    #expect(response.status == .badRequest)
    #expect((try problem(response)["detail"] as? String)?.contains("2 of the 10 bytes") == true)
    #expect(try lines("quarantine/refused.ndjson").count == 1)
    #expect(try lines("current.ndjson").isEmpty)
  }

  @Test func `of a body over the limit the start is kept with the whole length`() throws {
    let start = [UInt8](repeating: 0x20, count: 65_536)
    let response = try intake().respond(
      to: TestRequest(body: .tooLarge(start: start, expected: 2_000_000)))
    #expect(response.status == .contentTooLarge)
    #expect((try problem(response)["detail"] as? String)?.contains("2000000") == true)
    let kept = try #require(try lines("quarantine/refused.ndjson").first)
    #expect(kept["bytes"] as? Int == 2_000_000)
    #expect((kept["text"] as? String)?.count == 65_536)
  }

  @Test func `an empty GET says what may have happened, and can be accepted`() throws {
    let empty = TestRequest("GET", body: .whole([]))
    let response = try intake().respond(to: empty)
    #expect(response.status == .badRequest)
    #expect((try problem(response)["detail"] as? String)?.contains("proxy") == true)
    #expect(try intake().respond(to: TestRequest(body: .whole([]))).status == .badRequest)
    #expect(try intake(["--empty-body", "accept"]).respond(to: empty).status == .ok)
    #expect(try lines("current.ndjson").isEmpty)
  }

  @Test func `a token that is not accepted is refused and not kept`() throws {
    let intake = try intake(["--token", "right,other"])
    func status(_ text: String) -> Response.Status {
      intake.respond(to: TestRequest(text: text)).status
    }
    #expect(status(#"{"data":{"token":"right"}}"#) == .ok)
    #expect(status(#"{"data":{"token":"\u0072ight"}}"#) == .ok)
    #expect(status(#"{"messageType":7,"token":"other"}"#) == .ok)
    for wrong in [#"{"data":{"token":"wrong"}}"#, "{}", "[]", #"{"data":{"token":["right"]}}"#] {
      #expect(status(wrong) == .forbidden)
    }
    #expect(try lines("current.ndjson").count == 3)
    #expect(try lines("quarantine/refused.ndjson").isEmpty)
  }

  @Test func `what cannot be written is answered 503 with when to come again`() throws {
    let response = try intake(spool: "/proc/none").respond(to: TestRequest(text: "{}"))
    #expect(response.status == .serviceUnavailable)
    #expect(response.fields == [Response.Field("Retry-After", "5")])
    #expect(try problem(response)["reason"] as? String == "not-durable")
  }

  @Test func `the probe asks for room for the largest notice`() throws {
    let full = FaultySystemCalls()
    full.failAlways("fallocate", errno: ENOSPC)
    let error = try #require(try intake(on: full).probe())
    #expect("\(error)".hasPrefix("no space left"))
  }

  @Test func `the probe leaves no record`() throws {
    #expect(try intake().probe() == nil)
    #expect(try lines("current.ndjson").isEmpty)
    #expect(try intake(spool: "/proc/none").probe() != nil)
  }
}
