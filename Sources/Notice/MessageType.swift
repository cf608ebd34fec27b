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
  package var name: String { Self.names[self] ?? "\(self)" }

  /// Made once: the name of a case is looked up in the program's own description.
  private static let names = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.spelling) })

  private var spelling: String {
    switch self {
    case .contactCard: "contact-card"
    case .chatHistory: "chat-history"
    case .miniProgram: "mini-program"
    case .callRecord: "call-record"
    case .groupSolitaire: "group-solitaire"
    case .roomInvitation: "room-invitation"
    case .wecomSystem: "wecom-system"
    default: "\(self)"
    }
  }

  package init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
