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
  /// Where in ``line`` the field's token stands, from wherever this kind of notice keeps it; nil where it is absent or
  /// `null`.
  package func range(of field: NoticeField) -> Range<Int>? {
    members[field]
  }

  /// The field's token; nil where it is absent or `null`.
  package func token(_ field: NoticeField) -> ArraySlice<UInt8>? {
    range(of: field).map { line[$0] }
  }

  /// The field as text: a string's characters, or a number's or literal's own spelling; nil where it is
  /// absent, `null` or the empty string, between which the platform makes no difference.
  package func value(_ field: NoticeField) -> String? {
    guard let token = token(field) else { return nil }
    let value = JSONString.text(token) ?? String(decoding: token, as: UTF8.self)
    return value.isEmpty ? nil : value
  }

  /// Where in ``line`` the field's text stands as it is meant, without an escape; nil where it has some, or is absent,
  /// `null` or the empty string.
  package func plainRange(of field: NoticeField) -> Range<Int>? {
    range(of: field).flatMap { plainRange(ofToken: $0) }
  }

  /// The same of any token: of a string its inside, where it is not empty.
  package func plainRange(ofToken token: Range<Int>) -> Range<Int>? {
    guard isString(token) else { return token }
    let inside = token.lowerBound + 1..<token.upperBound - 1
    if inside.isEmpty { return nil }
    let line = line
    return line.span.extracting(inside).contains(UInt8(ascii: "\\")) ? nil : inside
  }

  /// The field as a whole number, be it written as one or in a string.
  package func integer(_ field: NoticeField) -> Int64? {
    guard let range = range(of: field) else { return nil }
    let digits = isString(range) ? range.lowerBound + 1..<range.upperBound - 1 : range
    var number: Int64 = 0
    for index in digits {
      let digit = line[index] &- UInt8(ascii: "0")
      // Nearly all are short and plain.
      guard digit < 10, digits.count <= 18 else { return value(field).flatMap { Int64($0) } }
      number = number * 10 + Int64(digit)
    }
    return digits.isEmpty ? nil : number
  }

  /// Where in ``line`` the string stands that was written, or understood from speech: the payload itself where it is a
  /// string, else its `text`, else its `pureText`; nil where all of them are empty or something else.
  package var messageTextRange: Range<Int>? {
    guard let payload = range(of: .payload) else { return nil }
    if isString(payload) { return payload.count > 2 ? payload : nil }
    return members.payloadTexts.first { isString($0) && $0.count > 2 }
  }

  /// What was written, or understood from speech.
  package var messageText: String? {
    messageTextRange.flatMap { JSONString.text(line[$0]) }
  }

  func isString(_ range: Range<Int>) -> Bool {
    line[range.lowerBound] == UInt8(ascii: "\"")
  }
}
