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
  init?(token: Range<Int>, of line: [UInt8]) {
    if line.span.extracting(token).isEqual(to: "\"message\"") {
      self = .message
    } else {
      guard let name = JSONString.text(line[token]) else { return nil }
      self = Self(rawValue: name) ?? .other
    }
  }

  /// The account's credential in a body that was scanned for ``bodyPaths``.
  package static func token(of body: JSONText) -> String? {
    (body.token(3) ?? body.token(4)).flatMap(JSONString.text)
  }
}
