import Delivery
import Glibc
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct HTTPAnswerTests {
  /// What becomes of one delivery to a receiver that answers so; and how often it was asked.
  func outcome(
    _ answer: HTTPReceiver.Answer, timeoutSeconds: Int = 20
  ) throws -> (DeliveryOutcome?, requests: Int) {
    let receiver = try HTTPReceiver { _ in answer }
    var settings = HTTPSettings(
      url: "\(receiver.url)/path-secret?query-secret", body: .record, userAgent: "t")
    settings.timeoutSeconds = timeoutSeconds
    let outcome = try HTTPDestination(settings).outcome(of: TestRecord.of("{}"))
    return (outcome, receiver.requestCount)
  }

  /// A port that nobody listens on, nor can while the descriptor is open.
  func boundSocket() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  func reason(_ outcome: DeliveryOutcome?) throws -> String {
    guard case .unreachable(let reason) = outcome else {
      Issue.record("not unreachable: \(String(describing: outcome))")
      return ""
    }
    #expect(!reason.contains("secret"))
    return reason
  }

  @Test(arguments: [200, 201, 202, 204, 299])
  func `any 2xx is a delivery`(status: Int) throws {
    #expect(try outcome(.status(status)).0 == .delivered)
  }

  @Test(arguments: [
    300, 304, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 429, 451, 500, 501, 502,
    503, 504, 599, 999,
  ])
  func `any other status is an answer with the beginning of its body`(status: Int) throws {
    // By HTTP a 304 has no body.
    let body = status == 304 ? "" : "what was wrong"
    #expect(
      try outcome(.status(status, body: body)).0
        == .answered(status: status, retryAfterSeconds: nil, excerpt: Array(body.utf8)))
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func `a redirect is never followed`(status: Int) throws {
    let target = try HTTPReceiver()
    let (result, _) = try outcome(.status(status, headers: ["Location: \(target.url)/"]))
    #expect(result == .answered(status: status, retryAfterSeconds: nil, excerpt: []))
    #expect(target.requestCount == 0)
  }

  @Test func `the excerpt is 4 KiB of a long answer`() throws {
    let (result, _) = try outcome(.status(500, body: String(repeating: "e", count: 20_000)))
    #expect(
      result
        == .answered(
          status: 500, retryAfterSeconds: nil,
          excerpt: [UInt8](repeating: UInt8(ascii: "e"), count: 4096)))
  }

  @Test func `Retry-After reaches the outcome, and an interim answer does not`() throws {
    let head = "HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\nHTTP/1.1 503 Busy\r\n"
    #expect(
      try outcome(.bytes("\(head)Retry-After: 86400\r\nContent-Length: 0\r\n\r\n")).0
        == .answered(status: 503, retryAfterSeconds: 86400, excerpt: []))
    #expect(
      try outcome(.bytes("\(head)Content-Length: 0\r\n\r\n")).0
        == .answered(status: 503, retryAfterSeconds: nil, excerpt: []))
  }

  @Test func `an endless body is left, and the status counts`() throws {
    let start = ContinuousClock.now
    #expect(try outcome(.endlessBody(status: 200)).0 == .delivered)
    #expect(ContinuousClock.now - start < .seconds(10))
    guard case .answered(500, nil, let excerpt) = try outcome(.endlessBody(status: 500)).0 else {
      Issue.record("no answer 500")
      return
    }
    #expect(excerpt.count == 4096)
  }

  @Test(arguments: [HTTPReceiver.Answer.silence, .slowHeader(status: 200)])
  func `what does not answer in time is unreachable`(answer: HTTPReceiver.Answer) throws {
    let start = ContinuousClock.now
    #expect(
      try reason(outcome(answer, timeoutSeconds: 1).0) == "no answer within 1 s")
    #expect((.milliseconds(999)..<(.seconds(10))).contains(ContinuousClock.now - start))
  }

  @Test func `a late answer is waited for`() throws {
    #expect(try outcome(.delayed(milliseconds: 300, .ok)).0 == .delivered)
  }

  @Test func `one that is silent does not hold up the others`() throws {
    let receiver = try HTTPReceiver { request in
      request.body.starts(with: "{\"silent\"".utf8) ? .silence : .ok
    }
    var settings = HTTPSettings(url: receiver.url, body: .original, userAgent: "t")
    settings.concurrencyMax = 2
    settings.timeoutSeconds = 10
    let destination = try HTTPDestination(settings)
    var records = [try TestRecord.of("{\"silent\":true}", number: 1000)]
    records += try (0..<500).map { try TestRecord.of("{}", number: UInt64($0)) }
    let outcomes = destination.outcomes(of: records)
    #expect(outcomes.first == .unreachable(reason: "no answer within 10 s"))
    #expect(outcomes.dropFirst().allSatisfy { $0 == .delivered })
  }

  @Test func `a connection closed without an answer is unreachable`() throws {
    #expect(try reason(outcome(.close).0).hasSuffix("closed the connection without an answer"))
  }

  @Test func `a success cut short does not count, another status does`() throws {
    let rest = "Content-Length: 100\r\n\r\nhalf"
    #expect(
      try reason(outcome(.bytes("HTTP/1.1 200 OK\r\n\(rest)")).0)
        .contains("before the whole answer"))
    #expect(
      try outcome(.bytes("HTTP/1.1 410 Gone\r\n\(rest)")).0
        == .answered(status: 410, retryAfterSeconds: nil, excerpt: Array("half".utf8)))
  }

  @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "<html>200</html>\r\n"])
  func `an answer that is not HTTP is unreachable`(bytes: String) throws {
    #expect(try reason(outcome(.bytes(bytes)).0).contains("does not answer in HTTP"))
  }

  @Test func `a refused connection names host and port`() throws {
    let (descriptor, port) = try boundSocket()
    defer { close(descriptor) }
    let settings = HTTPSettings(
      url: "http://user:secret@127.0.0.1:\(port)/secret?secret", body: .record, userAgent: "t")
    let outcome = try HTTPDestination(settings).outcome(of: TestRecord.of("{}"))
    #expect(try reason(outcome) == "connection refused by 127.0.0.1:\(port)")
  }

  @Test func `a name that does not exist is reported in bounded time`() throws {
    var settings = HTTPSettings(url: "http://nothing.invalid/", body: .record, userAgent: "t")
    settings.timeoutSeconds = 2
    let destination = try HTTPDestination(settings)
    let start = ContinuousClock.now
    let reason = try reason(destination.outcome(of: TestRecord.of("{}")))
    #expect(["name not found: nothing.invalid", "no answer within 2 s"].contains(reason))
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func `a receiver that fails one delivery gets the others, on new connections`() throws {
    let receiver = try HTTPReceiver { $0.body.elementsEqual("[\"bad\"]".utf8) ? .close : .ok }
    var settings = HTTPSettings(url: receiver.url, body: .original, userAgent: "t")
    settings.concurrencyMax = 1
    let destination = try HTTPDestination(settings)
    #expect(try destination.outcome(of: TestRecord.of("[]")) == .delivered)
    _ = try reason(destination.outcome(of: TestRecord.of("[\"bad\"]")))
    // On a kept connection libcurl takes silence for an old age's end, and asks once more on a new one.
    #expect(receiver.requestCount <= 3)
    #expect(try destination.outcome(of: TestRecord.of("[]")) == .delivered)
  }
}
