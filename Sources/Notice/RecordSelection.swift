import JSONText

/// Which records a person means: those that fit everything that is given; nothing given fits all.
package struct RecordSelection: Sendable {
  /// Received at this time or later.
  package var since: Timestamp?
  /// Received before this time.
  package var until: Timestamp?
  package var ids: Set<String> = []
  /// What fields must be, to the letter.
  package var pattern = NoticePattern()
  /// A contact's id, or a part of its name.
  package var contact: String?
  /// A room's id, or a part of its topic.
  package var room: String?
  /// A part of what was said: of any text in the payload.
  package var text: String?

  package init() {}

  package func fits(_ record: NoticeRecord) -> Bool {
    if !ids.isEmpty, !ids.contains(record.id) { return false }
    guard pattern.fits(record), fitsTime(record) else { return false }
    if let contact, !Self.means(contact, record.value(.contactId), record.value(.contactName)) {
      return false
    }
    if let room, !Self.means(room, record.value(.roomId), record.value(.roomTopic)) {
      return false
    }
    guard let text else { return true }
    let payload = record.token(.payload) ?? (record.kind == .other ? record.body : [])
    return JSONString.values(in: payload).contains { Self.holds($0, text) }
  }

  private func fitsTime(_ record: NoticeRecord) -> Bool {
    guard since != nil || until != nil else { return true }
    guard let time = record.string(.receivedAt).flatMap({ Timestamp(rfc3339: $0) }) else {
      return false
    }
    return since.map { time >= $0 } ?? true && until.map { time < $0 } ?? true
  }

  private static func means(_ wanted: String, _ id: String?, _ name: String?) -> Bool {
    id == wanted || name.map { holds($0, wanted) } ?? false
  }

  private static func holds(_ text: String, _ part: String) -> Bool {
    text.lowercased().contains(part.lowercased())
  }
}
