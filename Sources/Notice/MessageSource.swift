/// Where a message came from, by the platform's numbers; one without a name here stays a number.
package enum MessageSource: Int, CaseIterable, Sendable {
  case phone = 0
  case console, broadcast, autoReply, roomCreation, otherBot, api, sop, apiBroadcast, tagSOP
  case roomRelay = 11
  case roomRelayed = 12
  case sessionEnd, scheduled, aiReply

  package var name: String {
    switch self {
    case .autoReply: "auto-reply"
    case .roomCreation: "room-creation"
    case .otherBot: "other-bot"
    case .apiBroadcast: "api-broadcast"
    case .tagSOP: "tag-sop"
    case .roomRelay, .roomRelayed: "room-relay"
    case .sessionEnd: "session-end"
    case .aiReply: "ai-reply"
    default: "\(self)"
    }
  }
}

/// What a contact is, by the platform's numbers.
package enum ContactType: Int, CaseIterable, Sendable {
  case unknown = 0
  case wechat, officialAccount, wecom

  package var name: String {
    switch self {
    case .officialAccount: "official-account"
    default: "\(self)"
    }
  }
}
