import Crypto
import FoundationEssentials

/// A key by which a receiver knows that a delivery is ours: HMAC-SHA256 as Standard Webhooks has it
/// (github.com/standard-webhooks, "Signature scheme"). It never shows its key.
package struct WebhookSecret: Sendable, Equatable, CustomStringConvertible {
  private let key: SymmetricKey

  /// What the specification allows: 192 to 512 bits.
  static let keyBytes = 24...64
  private static let prefix = "whsec_"

  /// Takes `whsec_` and the key in base64, or the base64 alone.
  package init(_ text: String) throws(WebhookSecretError) {
    // The specification's prefixes of ed25519 keys.
    guard !text.hasPrefix("whsk_"), !text.hasPrefix("whpk_") else { throw .asymmetric }
    let base64 = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
    guard let bytes = Data(base64Encoded: String(base64)) else { throw .notBase64 }
    guard Self.keyBytes.contains(bytes.count) else { throw .length(bytes.count) }
    key = SymmetricKey(data: bytes)
  }

  package var description: String { "a webhook secret" }

  /// Characters of a ``signature(id:timestamp:body:)``: "v1," and 32 bytes in base64.
  static let signatureCharacters = 3 + 44

  /// The signature of one request: over its id, its time in seconds since 1970, and its body as it is sent.
  func signature(id: some Sequence<UInt8>, timestamp: Int, body: [UInt8]) -> String {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Array(id) + Array(".\(timestamp).".utf8))
    code.update(data: body)
    return "v1," + Data(code.finalize()).base64EncodedString()
  }
}

/// Why a text is no secret to sign with.
package enum WebhookSecretError: Error, Equatable, CustomStringConvertible {
  case notBase64
  case length(Int)
  case asymmetric

  package var description: String {
    switch self {
    case .notBase64:
      "the secret is not base64, with or without whsec_ before it; openssl rand -base64 32 makes one"
    case .length(let bytes):
      "the secret has \(bytes) bytes: must be from \(WebhookSecret.keyBytes.lowerBound) to "
        + "\(WebhookSecret.keyBytes.upperBound)"
    case .asymmetric: "the secret is an ed25519 key: deliveries are signed with whsec_ secrets only"
    }
  }
}
