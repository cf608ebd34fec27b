import Crypto
import FoundationEssentials
import TestSupport

/// A receiver's side of Standard Webhooks, by its specification's "Verifying signatures": it knows its own secret and the time,
/// and believes a request that any of the signatures fits.
struct WebhookVerifier {
  enum Verdict: Equatable {
    case genuine
    case headerMissing(String)
    case notNow
    case wrongSignature
  }

  let secretBase64: String
  var toleranceSeconds = 300

  func verdict(_ request: HTTPReceiver.Request, nowSeconds: Int) -> Verdict {
    verdict(headers: request.headers, body: request.body, nowSeconds: nowSeconds)
  }

  func verdict(headers: [String: String], body: [UInt8], nowSeconds: Int) -> Verdict {
    guard let id = headers["webhook-id"], !id.isEmpty else { return .headerMissing("webhook-id") }
    guard let timestamp = headers["webhook-timestamp"], let seconds = Int(timestamp) else {
      return .headerMissing("webhook-timestamp")
    }
    guard let signatures = headers["webhook-signature"] else {
      return .headerMissing("webhook-signature")
    }
    guard abs(nowSeconds - seconds) <= toleranceSeconds else { return .notNow }
    guard let key = Data(base64Encoded: secretBase64) else { return .wrongSignature }
    let signed = Data("\(id).\(timestamp).".utf8) + Data(body)
    for signature in signatures.split(separator: " ") {
      let parts = signature.split(separator: ",", maxSplits: 1)
      guard parts.count == 2, parts[0] == "v1", let code = Data(base64Encoded: String(parts[1]))
      else { continue }
      // Compares in constant time.
      if HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: signed, using: SymmetricKey(data: key))
      {
        return .genuine
      }
    }
    return .wrongSignature
  }
}
