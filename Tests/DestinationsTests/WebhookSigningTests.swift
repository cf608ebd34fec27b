import Delivery
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct WebhookSigningTests {
  static let first = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  static let second = "C2FVsBQIhrscChlQIMV+b5sSYspob7oDTmxkaWNraWUh"
  static let now = 1_614_265_330

  /// A request that the specification's own libraries sign so.
  static let vectorBody = Array("{\"test\": 2432232314}".utf8)
  static let vector = [
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  ]

  func settings(_ receiver: HTTPReceiver, _ secrets: [String], body: BodyForm = .record) throws
    -> HTTPSettings
  {
    var settings = HTTPSettings(url: receiver.url, body: body, userAgent: "t")
    settings.signingSecrets = try secrets.map { try WebhookSecret($0) }
    return settings
  }

  @Test(arguments: ["", "whsec_"])
  func `a known request gets its known signature`(prefix: String) throws {
    let secret = try WebhookSecret(prefix + Self.first)
    let id = try #require(Self.vector["webhook-id"])
    #expect(
      secret.signature(id: id.utf8, timestamp: Self.now, body: Self.vectorBody)
        == Self.vector["webhook-signature"])
    #expect(!"\(secret)".contains(Self.first))
  }

  static let faults: [(String, WebhookSecretError)] = [
    ("", .length(0)),
    ("whsec_", .length(0)),
    ("whsec_not base64!", .notBase64),
    (first.dropLast() + "", .notBase64),
    (first + "\n", .notBase64),
    ("whsec_" + String(repeating: "A", count: 28) + "AAA=", .length(23)),
    (String(repeating: "A", count: 84) + "AAA=", .length(65)),
    ("whsk_" + first, .asymmetric),
    ("whpk_" + first, .asymmetric),
  ]

  @Test(arguments: faults.indices)
  func `what is no secret is refused with its reason`(index: Int) {
    let (text, expected) = Self.faults[index]
    #expect(throws: expected) { try WebhookSecret(text) }
  }

  @Test(arguments: [24, 64])
  func `secrets of the shortest and the longest size are taken`(bytes: Int) throws {
    let text = [
      24: String(repeating: "A", count: 32), 64: String(repeating: "A", count: 86) + "==",
    ]
    #expect(throws: Never.self) { try WebhookSecret(text[bytes] ?? "") }
  }

  @Test func `the verifier keeps the specification's rules`() {
    let verifier = WebhookVerifier(secretBase64: Self.first)
    let verdict = { (change: (inout [String: String]) -> Void, now: Int) in
      var headers = Self.vector
      change(&headers)
      return verifier.verdict(headers: headers, body: Self.vectorBody, nowSeconds: now)
    }
    #expect(verdict({ _ in }, Self.now) == .genuine)
    #expect(verdict({ _ in }, Self.now + 301) == .notNow)
    #expect(verdict({ _ in }, Self.now - 301) == .notNow)
    for name in Self.vector.keys {
      #expect(verdict({ $0[name] = nil }, Self.now) == .headerMissing(name))
    }
    #expect(verdict({ $0["webhook-id"] = "other" }, Self.now) == .wrongSignature)
    #expect(verdict({ $0["webhook-timestamp"] = "1614265331" }, Self.now) == .wrongSignature)
    #expect(
      verdict({ $0["webhook-signature"] = "v1,x v2,y \($0["webhook-signature"] ?? "")" }, Self.now)
        == .genuine)
  }

  @Test(arguments: BodyForm.allCases)
  func `a receiver believes what was signed, by each secret of a rotation`(form: BodyForm) throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(
      try settings(receiver, ["whsec_" + Self.first, Self.second], body: form))
    let record = try TestRecord.of(sample: "odd-but-valid.json")
    for _ in 0..<2 { #expect(destination.outcome(of: record) == .delivered) }
    for request in receiver.requests {
      let now = Clock.realtimeSeconds()
      for secret in [Self.first, Self.second] {
        let verifier = WebhookVerifier(secretBase64: secret)
        #expect(verifier.verdict(request, nowSeconds: now) == .genuine)
        var changed = request.body
        changed[changed.count / 2] ^= 1
        #expect(
          verifier.verdict(headers: request.headers, body: changed, nowSeconds: now)
            == .wrongSignature)
      }
      let stranger = WebhookVerifier(secretBase64: String(Self.first.reversed()))
      #expect(stranger.verdict(request, nowSeconds: now) == .wrongSignature)
      #expect(request.headers["webhook-id"] == record.id)
    }
    #expect(receiver.requestCount == 2)
  }

  @Test func `many requests under way at once are signed each by itself`() throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(try settings(receiver, [Self.first]))
    let records = try (0..<200).map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    let verifier = WebhookVerifier(secretBase64: Self.first)
    for request in receiver.requests {
      #expect(verifier.verdict(request, nowSeconds: Clock.realtimeSeconds()) == .genuine)
    }
  }

  @Test func `without a secret nothing is signed`() throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(try settings(receiver, []))
    #expect(try destination.outcome(of: TestRecord.of("{}")) == .delivered)
    #expect(receiver.requests.first?.headers["webhook-signature"] == nil)
    #expect(receiver.requests.first?.headers["webhook-id"] != nil)
  }
}
