import JSONText

/// The `message` form of a record: what the platform sent, under names that say what they mean, for a receiver that
/// does not want to know the platform. The platform's credential is never in it.
///
///     {"id":"…","receivedAt":"…","kind":"message","messageId":"…","type":"text","typeNumber":7,
///      "sentAt":"2025-11-07T04:26:31.000Z","chat":{"id":"…","room":{"id":"…","topic":"…","wecomChatId":"…"}},
///      "sender":{"id":"…","name":"…","avatar":"…","type":"wechat","coworker":false,"externalUserId":"…"},
///      "bot":{"id":"…","wxid":"…","weixin":"…"},"isSelf":false,"mentionSelf":false,"source":"console",
///      "sentBy":"…","payload":{…}}
///
/// What is absent, `null` or empty is left out; `room` is there in rooms only; `payload` stands as it was received.
/// An event of kind `other` has `event`, its body with the credential's value replaced by null, wherever it stands.
package struct NoticeMessage {
  private let record: NoticeRecord

  package init(_ record: NoticeRecord) {
    self.record = record
  }

  /// One JSON object.
  package var bytes: [UInt8] {
    var object = JSONObjectWriter()
    object.member("id", string: record.id)
    object.member("receivedAt", string: record.string(.receivedAt))
    object.member("kind", string: record.kind.rawValue)
    guard record.kind != .other else {
      object.member("path", string: record.string(.path))
      object.member("event", token: CredentialMask.masked(record.body))
      return object.bytes
    }
    object.member("messageId", string: record.value(.messageId))
    typeMembers(&object)
    object.member("sentAt", string: record.sentAt?.rfc3339)
    object.member("chat", object: chat)
    object.member("sender", object: sender)
    object.member("bot", object: bot)
    object.member("isSelf", token: record.token(.isSelf))
    object.member("mentionSelf", token: record.token(.mentionSelf))
    if let source = record.value(.source) {
      object.member(
        "source", string: Int(source).flatMap(MessageSource.init(rawValue:))?.name ?? source)
    }
    object.member("sentBy", string: record.value(.sendBy))
    object.member("payload", token: record.token(.payload))
    return object.bytes
  }

  private func typeMembers(_ object: inout JSONObjectWriter) {
    guard let type = record.value(.type) else { return }
    guard let number = Int(type) else { return object.member("type", string: type) }
    object.member("type", string: record.typeName)
    object.member("typeNumber", token: Array(String(number).utf8)[...])
  }

  private var chat: JSONObjectWriter {
    var chat = JSONObjectWriter()
    chat.member("id", string: record.value(.chatId))
    if let roomId = record.value(.roomId) {
      var room = JSONObjectWriter()
      room.member("id", string: roomId)
      room.member("topic", string: record.value(.roomTopic))
      room.member("wecomChatId", string: record.value(.roomWecomChatId))
      chat.member("room", object: room)
    }
    return chat
  }

  private var sender: JSONObjectWriter {
    var sender = JSONObjectWriter()
    sender.member("id", string: record.value(.contactId))
    sender.member("name", string: record.value(.contactName))
    sender.member("avatar", string: record.value(.avatar))
    if let type = record.value(.contactType) {
      sender.member("type", string: Int(type).flatMap(ContactType.init(rawValue:))?.name ?? type)
    }
    sender.member("coworker", token: record.token(.coworker))
    sender.member("externalUserId", string: record.value(.externalUserId))
    return sender
  }

  private var bot: JSONObjectWriter {
    var bot = JSONObjectWriter()
    bot.member("id", string: record.value(.botId))
    bot.member("wxid", string: record.value(.botWxid))
    bot.member("weixin", string: record.value(.botWeixin))
    return bot
  }
}

extension NoticeRecord {
  /// The type's name, or its number where it has none.
  package var typeName: String? {
    integer(.type).flatMap { MessageType(rawValue: Int($0))?.name } ?? value(.type)
  }

  /// The message's own time: milliseconds since 1970, as a number or a string of digits.
  package var sentAt: Timestamp? {
    integer(.timestamp).map(Timestamp.init(milliseconds:))
  }

  /// Where in ``line`` ``chatKey`` stands; nil where it does not stand there as it is.
  package var chatKeyRange: Range<Int>? { plainRange(of: .chatId) }

  /// What has one order: a bot's chat with one contact or room. nil for what belongs to no chat.
  package var chatKey: String? {
    if let chat = value(.chatId) { return chat }
    guard let peer = value(.roomId) ?? value(.contactId) else { return nil }
    return "\(value(.botId) ?? value(.botWxid) ?? "")/\(peer)"
  }
}
