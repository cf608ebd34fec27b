import JSONText
package import Notice

/// Bytes that are not in the spool, with why, when and whence. One line of NDJSON in `quarantine/`:
///
///     {"time":"…","reason":"…","status":400,"problem":"not-json","remote":"…","method":"GET","path":"/notice","bytes":17,"text":"…"}
///     {"time":"…","reason":"…","segment":"000042-….ndjson","offset":4711,"bytes":600,"base64":"…"}
///
/// `bytes` counts what came, of which a part may be kept; `text` holds what is UTF-8, `base64` all else.
package struct QuarantineEntry: Sendable {
  package enum Origin: Sendable {
    /// `problem` is a short name of the reason that stays the same, for programs.
    case request(ReceivedRequest, status: Int, problem: String, bytesTotal: Int)
    case segment(SegmentName, offset: Int)
    case file(String)
  }

  package let reason: String
  package let bytes: [UInt8]
  package let origin: Origin

  package init(reason: String, bytes: [UInt8], origin: Origin) {
    self.reason = reason
    self.bytes = bytes
    self.origin = origin
  }

  /// `bytesMax`: so many of the bytes are kept.
  func line(at time: Timestamp, bytesMax: Int) -> [UInt8] {
    let kept = Array(bytes.prefix(bytesMax))
    var object = JSONObjectWriter()
    object.member("time", string: time.rfc3339)
    object.member("reason", string: reason)
    var bytesTotal = bytes.count
    switch origin {
    case .request(let request, let status, let problem, let total):
      object.member("status", number: status)
      object.member("problem", string: problem)
      object.member("remote", string: request.remote)
      object.member("method", string: request.method)
      object.member("path", string: request.path)
      object.member("query", string: request.query)
      object.member("userAgent", string: request.userAgent)
      bytesTotal = total
    case .segment(let name, let offset):
      object.member("segment", string: name.description)
      object.member("offset", number: offset)
    case .file(let name):
      object.member("file", string: name)
    }
    object.member("bytes", number: bytesTotal)
    if let text = String(validating: kept, as: UTF8.self) {
      object.member("text", string: text)
    } else {
      object.member("base64", string: Base64.encode(kept))
    }
    return object.bytes + [UInt8(ascii: "\n")]
  }
}

/// RFC 4648 §4. (The standard library has none, and Foundation is not wanted in the handler.)
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(0) { bits, index in
        bits << 8 | (index < group.count ? Int(group[start + index]) : 0)
      }
      for digit in 0..<4 {
        text.append(
          digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
