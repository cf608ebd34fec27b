package import Notice

/// What of a record a destination gets.
package enum BodyForm: String, Sendable, CaseIterable {
  /// The body as it was received.
  case original
  /// The spool's line: the body with the facts of its arrival.
  case record
  /// The documented, typed form: see ``NoticeMessage``.
  case message

  package func bytes(of record: NoticeRecord) -> [UInt8] {
    switch self {
    case .original: Array(record.body)
    case .record: record.line
    case .message: NoticeMessage(record).bytes
    }
  }
}
