/// The platform's numbers for what a message is, by name (PLATFORM's schema «小组级接收消息回调»). The list grows: a
/// number without a name here stays a number.
package enum MessageType: Int, CaseIterable, Sendable {
  case unknown = 0
  case file, voice, contactCard, chatHistory, emoticon, image, text, location, miniProgram
  case money, recalled, link, video, channel, callRecord, groupSolitaire
  case roomInvitation = 9999
  case system = 10000
  case wecomSystem = 10001

  /// "text", "mini-program": as the `message` form and filters write it.
  package var name: String {
    switch self {
    case .unknown: "unknown"
    case .file: "file"
    case .voice: "voice"
    case .contactCard: "contact-card"
    case .chatHistory: "chat-history"
    case .emoticon: "emoticon"
    case .image: "image"
    case .text: "text"
    case .location: "location"
    case .miniProgram: "mini-program"
    case .money: "money"
    case .recalled: "recalled"
    case .link: "link"
    case .video: "video"
    case .channel: "channel"
    case .callRecord: "call-record"
    case .groupSolitaire: "group-solitaire"
    case .roomInvitation: "room-invitation"
    case .system: "system"
    case .wecomSystem: "wecom-system"
    }
  }

  package init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
