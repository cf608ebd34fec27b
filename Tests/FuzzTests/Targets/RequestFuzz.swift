import JSONText
import Notice

@testable import FastCGI
@testable import NoticeHandler
@testable import Spool

/// A request's parameters and body, each behind a NUL: method, address, query string, script's name, path behind it, user agent,
/// announced length, and the body, which comes in pieces.
enum RequestFuzz {
  private static let keys = ["sesame", "open+sesame", "a%2Fb"]

  private struct FuzzRequest: Request {
    let parameters: [String: String]
    let body: [UInt8]
    let piece: Int

    func parameter(_ name: StaticString) -> String? { parameters["\(name)"] }

    func readBody(bytesMax: Int) -> RequestBody {
      var rest = body[...]
      return .read(declared: parameters["CONTENT_LENGTH"], bytesMax: bytesMax) { count in
        let some = rest.prefix(min(count, piece))
        rest = rest.dropFirst(some.count)
        return some.isEmpty ? .end : .bytes(Array(some))
      }
    }
  }

  static func run(_ input: [UInt8]) throws {
    let parts = input.split(separator: 0, maxSplits: 7, omittingEmptySubsequences: false)
      .map(Array.init)
    let names = [
      "REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "SCRIPT_NAME", "PATH_INFO",
      "HTTP_USER_AGENT",
      "CONTENT_LENGTH",
    ]
    var parameters = ["REMOTE_ADDR": "203.0.113.7"]
    for (name, part) in zip(names, parts) where !part.isEmpty {
      parameters[name] = String(decoding: part, as: UTF8.self)
    }
    let request = FuzzRequest(
      parameters: parameters, body: parts.count == 8 ? parts[7] : [], piece: 1 + input.count % 7)
    try admit(request, SecretSet(keys))
    try admit(request, SecretSet())
    try read(request)
    for part in parts { try decode(part) }
  }

  private static func admit(_ request: FuzzRequest, _ secrets: SecretSet) throws {
    guard let path = ServedPath("/notice", servesScript: true) else { return }
    let admission = Admission(servedPath: path, keys: secrets)
    switch admission.decide(on: request) {
    case .refused(let refusal): try check(refusal)
    case .admitted(let received):
      try expect(["GET", "POST"].contains(received.method), "only GET and POST are taken")
      if !secrets.isEmpty {
        let segments = Array(received.path.utf8).split(separator: UInt8(ascii: "/"))
        let words = Array((received.query ?? "").utf8)
          .split(whereSeparator: { "&=".utf8.contains($0) })
        for part in segments + words {
          try expect(!secrets.containsPercentEncoded(part), "no key is kept")
        }
      }
      let entry = QuarantineEntry(
        reason: "refused", bytes: request.body,
        origin: .request(
          received, status: 400, problem: "not-json", bytesTotal: request.body.count))
      let line = entry.line(at: Timestamp(milliseconds: 0), bytesMax: 64)
      try expect(ReferenceJSON.parse(line) != nil, "an entry in quarantine is JSON")
      try expect(line.count(where: { $0 == 0x0A }) == 1 && line.last == 0x0A, "it is one line")
    }
  }

  private static func check(_ refusal: Refusal) throws {
    let bytes = refusal.response.bytes
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw FuzzFault(description: "an answer has a head")
    }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    for line in head.split(separator: "\r\n") {
      try expect(line.contains(": ") && !line.contains("\n"), "a head is made of fields")
    }
    try expect(
      ReferenceJSON.parse(Array(bytes[end.upperBound...])) != nil, "an answer's body is JSON")
  }

  private static func read(_ request: FuzzRequest) throws {
    let body = request.body
    switch request.readBody(bytesMax: 16) {
    case .whole(let bytes):
      try expect(bytes.count <= 16, "no body over the limit is taken")
      try expect(bytes.elementsEqual(body.prefix(bytes.count)), "a body is what was sent")
    case .cutShort(let bytes, let expected):
      try expect(
        bytes == body && bytes.count < expected ?? .max, "cut short is fewer than announced")
    case .tooLarge(let start, let expected):
      try expect(expected ?? .max > 16, "too large is over the limit")
      try expect(start.elementsEqual(body.prefix(start.count)), "what is kept is its beginning")
    }
    if case .notJSON(let bytes, let error) = refusal(body) {
      try check(.notJSON(bytes, error))
      try check(.cutShort(bytes, expected: 99))
    }
  }

  private static func refusal(_ body: [UInt8]) -> Refusal? {
    do throws(JSONTextError) {
      _ = try JSONText(validating: body)
      return nil
    } catch {
      return .notJSON(body, error)
    }
  }

  /// Against the plainest of ways.
  private static func decode(_ bytes: [UInt8]) throws {
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let code = String(decoding: bytes.dropFirst(index + 1).prefix(2), as: UTF8.self)
      if bytes[index] == UInt8(ascii: "%"), code.utf8.count == 2,
        code.allSatisfy({ $0.isASCII && $0.isHexDigit }), let byte = UInt8(code, radix: 16)
      {
        plain.append(byte)
        index += 3
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    try expect(PercentEncoding.decode(bytes) == plain, "percent-encoding is read")
    let secrets = SecretSet(keys)
    try expect(
      secrets.contains(bytes) == keys.contains { $0.utf8.elementsEqual(bytes) },
      "only what equals a secret is one")
  }
}
