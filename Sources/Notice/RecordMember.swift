import JSONText

/// The members of a record's envelope, and where a scan of a line puts each of them and of the body's
/// fields.
package enum RecordMember: Int, CaseIterable, Sendable {
  case id, receivedAt, remote, method, path, query, userAgent, kind, body

  package var slot: Int { rawValue }

  static func slot(inData field: NoticeField) -> Int { dataStart + field.rawValue }
  static func slot(inBody field: NoticeField) -> Int { bodyStart + field.rawValue }
  static func slot(ofFlat field: NoticeField) -> Int? {
    flatFields.firstIndex(of: field).map { flatStart + $0 }
  }

  /// The texts of a payload that is an object; the first that is not empty counts.
  static func slots(ofTextIn kind: NoticeKind) -> Range<Int> {
    let start = kind == .message ? textStart : textStart + textKeys.count
    return start..<start + textKeys.count
  }

  private static let dataStart = allCases.count
  private static let bodyStart = dataStart + NoticeField.allCases.count
  private static let flatStart = bodyStart + NoticeField.allCases.count
  private static let textStart = flatStart + flatFields.count
  private static let textKeys = ["text", "pureText"]
  private static let flatFields = NoticeField.allCases.filter { $0.flatKey != nil }

  static let paths = MemberPaths(
    allCases.map { "\($0)" }
      + NoticeField.allCases.map { "body.data.\($0.key)" }
      + NoticeField.allCases.map { "body.\($0.key)" }
      + flatFields.compactMap(\.flatKey).map { "body.\($0)" }
      + textKeys.map { "body.data.\(NoticeField.payload.key).\($0)" }
      + textKeys.map { "body.\(NoticeField.payload.key).\($0)" })
}

extension NoticeRecord {
  /// Where the member's token stands in ``line``.
  package func range(of member: RecordMember) -> Range<Int>? { members[member.slot] }

  /// When it came; nil where no time is written.
  package var receivedAt: Timestamp? {
    guard let token = range(of: .receivedAt), token.count > 2 else { return nil }
    let line = line
    let inside = line.span.extracting(token.lowerBound + 1..<token.upperBound - 1)
    return Timestamp(rfc3339: inside)
      ?? string(.receivedAt).flatMap { Timestamp(rfc3339: $0) }
  }

  /// Where in ``line`` the id's characters stand.
  package var idRange: Range<Int> {
    // A record without one is none.
    guard let token = range(of: .id) else { fatalError("a record without an id") }
    return token.lowerBound + 1..<token.upperBound - 1
  }
}
