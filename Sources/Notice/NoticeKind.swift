package import JSONText

/// Which of the platform's shapes a body has.
package enum NoticeKind: String, Sendable {
  /// An object whose `data` has a `messageId`.
  case message
  /// The organisation level's dialect: no `data`, the type under `messageType`.
  case messageFlat = "message-flat"
  /// Any other JSON text: events that nobody has documented.
  case other

  /// What ``init(of:)`` looks at, and the credential by which a handler may tell a caller.
  package static let bodyPaths = MemberPaths([
    "data", "data.messageId", "messageType", "data.token", "token",
  ])

  /// `body` was scanned for ``bodyPaths``.
  package init(of body: JSONText) {
    if body.members[1] != nil {
      self = .message
    } else if body.members[0] == nil && body.members[2] != nil {
      self = .messageFlat
    } else {
      self = .other
    }
  }

  /// As the member at `token` of a record says. What a later version writes is read as a kind that nothing is known of. nil:
  /// no string.
  init?(token: Range<Int>, of line: Span<UInt8>) {
    if line.extracting(token).isEqual(to: "\"message\"") {
      self = .message
    } else {
      guard line[token.lowerBound] == UInt8(ascii: "\"") else { return nil }
      let name = JSONString.decode(token.lowerBound + 1..<token.upperBound - 1, of: line)
      self = Self(rawValue: String(decoding: name, as: UTF8.self)) ?? .other
    }
  }

  /// The account's credential in a body that was scanned for ``bodyPaths``.
  package static func token(of body: JSONText) -> String? {
    (body.token(3) ?? body.token(4)).flatMap(JSONString.text)
  }
}
