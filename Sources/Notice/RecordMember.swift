import JSONText

/// The members of a record's envelope.
package enum RecordMember: Int, CaseIterable, Sendable {
  case id, receivedAt, remote, method, path, query, userAgent, kind, body
}

extension NoticeRecord {
  /// Where the member's token stands in ``line``.
  package func range(of member: RecordMember) -> Range<Int>? { members[member] }

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
