/// What a filter can look at, each case named as settings write it: the platform's own keys, the shorter names of the
/// `message` form, and `room`, which tells a room from a private chat. The credential is not among them.
package enum NoticeFilterField: String, CaseIterable, Sendable {
  case kind, type, source, contactType
  case isSelf, mentionSelf, coworker, room
  case chat, bot, contact
  case messageId, roomId, roomTopic, roomWecomChatId, contactName, externalUserId
  case botWxid, botWeixin, sendBy

  /// The values that have a name; a field without any takes every text.
  package var names: [String] { spellingsByName.keys.sorted() }

  /// The values of records that `text`, as a person writes it, stands for; nil: no record can have such a value.
  func spellings(of text: String) -> [String]? {
    if let spellings = spellingsByName[text] { return spellings }
    switch self {
    case .type, .source, .contactType:
      // The platform's lists grow: a number is taken though nobody knows it yet.
      return UInt(text).map { [String($0)] }
    case .kind, .isSelf, .mentionSelf, .coworker, .room: return nil
    default: return text.isEmpty ? nil : [text]
    }
  }

  /// The record's value; nil where it has none. A flag that a record does not carry is false, as to the platform
  /// an absent field and an empty one are the same.
  func value(of record: NoticeRecord) -> String? {
    switch self {
    case .kind: record.kind.rawValue
    case .room: record.value(.roomId) == nil ? "false" : "true"
    case .isSelf: Self.flag(record.value(.isSelf))
    case .mentionSelf: Self.flag(record.value(.mentionSelf))
    case .coworker: Self.flag(record.value(.coworker))
    case .type: record.value(.type)
    case .source: record.value(.source)
    case .contactType: record.value(.contactType)
    case .chat: record.value(.chatId)
    case .bot: record.value(.botId)
    case .contact: record.value(.contactId)
    case .messageId: record.value(.messageId)
    case .roomId: record.value(.roomId)
    case .roomTopic: record.value(.roomTopic)
    case .roomWecomChatId: record.value(.roomWecomChatId)
    case .contactName: record.value(.contactName)
    case .externalUserId: record.value(.externalUserId)
    case .botWxid: record.value(.botWxid)
    case .botWeixin: record.value(.botWeixin)
    case .sendBy: record.value(.sendBy)
    }
  }

  private static func flag(_ value: String?) -> String {
    switch value {
    case nil, "false", "0": "false"
    default: "true"
    }
  }

  private var spellingsByName: [String: [String]] {
    switch self {
    case .kind: Self.named(["message", "message-flat", "other"].map { ($0, $0) })
    case .type: Self.named(MessageType.allCases.map { ($0.name, String($0.rawValue)) })
    case .source: Self.named(MessageSource.allCases.map { ($0.name, String($0.rawValue)) })
    case .contactType: Self.named(ContactType.allCases.map { ($0.name, String($0.rawValue)) })
    case .isSelf, .mentionSelf, .coworker, .room:
      Self.named([("true", "true"), ("false", "false")])
    default: [:]
    }
  }

  /// One name may stand for several values: two of the platform's sources are a relay into a room.
  private static func named(_ pairs: [(name: String, value: String)]) -> [String: [String]] {
    Dictionary(grouping: pairs, by: \.name).mapValues { $0.map(\.value) }
  }
}
