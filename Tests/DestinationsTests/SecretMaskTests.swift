import Delivery
import Foundation
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct SecretMaskTests {
  private static let secrets = [
    "us3rName", "passw0rd%2F", "passw0rd/", "querySecret", "0c6f9c1e-5b1f-4f53", "bearerSecret",
    "accountT0ken", Data("us3rName:passw0rd/".utf8).base64EncodedString(),
  ]

  private func settings(_ receiver: HTTPReceiver) -> HTTPSettings {
    let authority = "us3rName:passw0rd%2F@127.0.0.1:\(receiver.port)"
    var settings = HTTPSettings(
      url: "http://\(authority)/hook/0c6f9c1e-5b1f-4f53?key=querySecret", body: .original,
      userAgent: "t")
    settings.headers = [HTTPHeader("Authorization2", "Bearer bearerSecret")]
    return settings
  }

  @Test func `an answer with all of the request in it shows none of its secrets`() throws {
    let receiver = try HTTPReceiver { request in
      let said =
        "\(request.method) \(request.target) \(request.headers) "
        + String(decoding: request.body, as: UTF8.self) + Self.secrets.joined(separator: " ")
      return .status(422, body: said)
    }
    let record = try TestRecord.of(
      #"{"data":{"messageId":"1","token":"accountT0ken","payload":"said"}}"#)
    let outcome = try #require(try HTTPDestination(settings(receiver)).outcome(of: record))
    #expect(receiver.requests.first?.target.contains("querySecret") == true)
    guard case .answered(422, _, let excerpt) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let said = String(decoding: excerpt, as: UTF8.self)
    for secret in Self.secrets { #expect(!said.contains(secret)) }
    #expect(said.contains("POST /hook/…?key=…") && said.contains(#""payload":"said""#))
  }

  @Test func `a secret that the excerpt cuts is not shown by half`() throws {
    let settings = settings(try HTTPReceiver())
    let mask = SecretMask(settings)
    let bytes = Array("all of it: queryS".utf8)
    #expect(mask.masked(bytes, isCut: true, []) == Array("all of it: ".utf8))
    #expect(mask.masked(bytes, []) == bytes)
  }

  @Test func `what is short is no secret, and a mask without secrets changes nothing`() throws {
    let settings = HTTPSettings(url: "http://h/a?v=1&w=ab", body: .original, userAgent: "t")
    let bytes = Array("v is 1, w is ab: \u{1B}".utf8)
    #expect(SecretMask(settings).masked(bytes, []) == bytes)
    #expect(SecretMask().masked(bytes, []) == bytes)
  }
}
