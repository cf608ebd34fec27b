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

  private static let dataStart = allCases.count
  private static let bodyStart = dataStart + NoticeField.allCases.count
  private static let flatStart = bodyStart + NoticeField.allCases.count
  private static let flatFields = NoticeField.allCases.filter { $0.flatKey != nil }

  static let paths = MemberPaths(
    allCases.map { ["\($0)"] }
      + NoticeField.allCases.map { ["body", "data", $0.key] }
      + NoticeField.allCases.map { ["body", $0.key] }
      + flatFields.compactMap(\.flatKey).map { ["body", $0] })
}
