import JSONText

/// The fields of a message that the platform documents or sends: under `data`, or, in the flat dialect
/// and in bare events, in the body itself. Each case is named as its key.
package enum NoticeField: Int, CaseIterable, Sendable {
  case messageId, chatId, avatar, roomTopic, roomId, contactName, contactId, payload, type
  case timestamp, token, botId, contactType, coworker, botWxid, botWeixin, source, sendBy
  case isSelf, mentionSelf, externalUserId, roomWecomChatId

  package var key: String { "\(self)" }

  /// The name in the organisation level's dialect, where it is another.
  var flatKey: String? {
    switch self {
    case .type: "messageType"
    case .contactId: "imContactId"
    case .botWxid: "imBotId"
    case .botWeixin: "botUserId"
    case .roomId: "imRoomId"
    default: nil
    }
  }
}

extension NoticeRecord {
  /// The field's token, from wherever this kind of notice keeps it; nil where it is absent or `null`.
  package func token(_ field: NoticeField) -> ArraySlice<UInt8>? {
    let token =
      switch kind {
      case .message: text.token(RecordMember.slot(inData: field))
      case .messageFlat, .other:
        RecordMember.slot(ofFlat: field).flatMap(text.token)
          ?? text.token(RecordMember.slot(inBody: field))
      }
    return token.flatMap { $0.first == UInt8(ascii: "n") ? nil : $0 }
  }

  /// The field as text: a string's characters, or a number's or literal's own spelling; nil where it is
  /// absent, `null` or the empty string, between which the platform makes no difference.
  package func value(_ field: NoticeField) -> String? {
    guard let token = token(field) else { return nil }
    let value = JSONString.text(token) ?? String(decoding: token, as: UTF8.self)
    return value.isEmpty ? nil : value
  }
}
