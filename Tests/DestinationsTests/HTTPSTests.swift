import Delivery
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct HTTPSTests {
  let receiver: TLSReceiver
  var settings: HTTPSettings

  init() throws {
    receiver = try TLSReceiver()
    settings = HTTPSettings(
      url: "https://localhost:\(receiver.port)/path-secret", body: .record, userAgent: "t")
  }

  func outcome(_ settings: HTTPSettings) throws -> DeliveryOutcome? {
    try HTTPDestination(settings).outcome(of: TestRecord.of("{}"))
  }

  func words(_ outcome: DeliveryOutcome?) throws -> [String] {
    guard case .answered(418, nil, let excerpt) = outcome else {
      throw TestFailure("no answer: \(String(describing: outcome))")
    }
    return String(decoding: excerpt, as: UTF8.self).split(separator: " ").map(String.init)
  }

  @Test func `a certificate that nobody vouches for is not accepted`() throws {
    #expect(
      try outcome(settings) == .unreachable(reason: "certificate: self-signed certificate"))
  }

  @Test func `a certificate for another name is not accepted`() throws {
    var settings = settings
    settings.url = "https://127.0.0.1:\(receiver.port)/"
    settings.caFile = receiver.certificate
    guard case .unreachable(let reason) = try outcome(settings) else {
      Issue.record("accepted")
      return
    }
    #expect(reason.hasPrefix("certificate: ") && reason.contains("127.0.0.1"))
  }

  @Test func `a CA file that is not there is named`() throws {
    var settings = settings
    settings.caFile = "\(receiver.directory.path)/none.pem"
    guard case .unreachable(let reason) = try outcome(settings) else {
      Issue.record("accepted")
      return
    }
    #expect(reason.hasPrefix("CA file: ") && reason.contains("none.pem"))
  }

  @Test func `a client certificate that is not there is named`() throws {
    var settings = settings
    settings.caFile = receiver.certificate
    settings.clientCertificateFile = "\(receiver.directory.path)/none.pem"
    guard case .unreachable(let reason) = try outcome(settings) else {
      Issue.record("accepted")
      return
    }
    #expect(reason.hasPrefix("client certificate: ") && reason.contains("none.pem"))
  }

  @Test func `with a CA file of its own it is HTTP 2, without a client certificate`() throws {
    var settings = settings
    settings.caFile = receiver.certificate
    #expect(try words(outcome(settings)).prefix(2) == ["HTTP/2.0", "NONE"])
  }

  @Test func `a client certificate is shown`() throws {
    var settings = settings
    settings.caFile = receiver.certificate
    settings.clientCertificateFile = receiver.clientCertificate
    settings.clientKeyFile = receiver.clientKey
    #expect(try words(outcome(settings)).prefix(2) == ["HTTP/2.0", "SUCCESS"])
  }

  @Test func `all deliveries share one HTTP 2 connection`() throws {
    var settings = settings
    settings.caFile = receiver.certificate
    let records = try (0..<500).map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
    let outcomes = try HTTPDestination(settings).outcomes(of: records)
    #expect(try Set(outcomes.map { try words($0).last }).count == 1)
  }

  @Test func `plain HTTP to a TLS port is an answer, TLS to a plain port is none`() throws {
    var settings = settings
    settings.url = "http://localhost:\(receiver.port)/"
    guard case .answered(400, nil, _) = try outcome(settings) else {
      Issue.record("no answer 400")
      return
    }
    let plain = try HTTPReceiver { _ in .close }
    settings.url = "https://127.0.0.1:\(plain.port)/"
    settings.timeoutSeconds = 1
    guard case .unreachable = try outcome(settings) else {
      Issue.record("reachable")
      return
    }
  }
}
