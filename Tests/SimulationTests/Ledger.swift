/// What was sent to a spool, and what was promised of it: kept outside of the machine that is simulated.
final class Ledger {
  struct Message {
    let key: String
    let chat: String
    let body: [UInt8]
    /// When it was sent, and when it was acknowledged, counted over all events; nil: it was not.
    let sentAt: Int
    var acknowledgedAt: Int?
    /// Sent at once with others of its moment: how many of them before it.
    var place = 0
    /// It came another way than those that were sent before and after it.
    var isDetoured = false
  }

  private(set) var messages: [String: Message] = [:]
  private var moments = 0

  func copy() -> Ledger {
    let copy = Ledger()
    copy.messages = messages
    copy.moments = moments
    return copy
  }

  func nextMoment() -> Int {
    moments += 1
    return moments
  }

  /// Messages sent at one moment, in this order.
  func send(chats: [String], padding: [Int]) -> [Message] {
    let moment = nextMoment()
    return zip(chats, padding).enumerated().map { place, message in
      let key = "m\(messages.count)"
      let text = String(repeating: "x", count: message.1)
      let body = #"{"data":{"messageId":"\#(key)","chatId":"\#(message.0)","payload":"\#(text)"}}"#
      let sent = Message(
        key: key, chat: message.0, body: Array(body.utf8), sentAt: moment, place: place)
      messages[key] = sent
      return sent
    }
  }

  func acknowledge(_ keys: some Sequence<String>) {
    let moment = nextMoment()
    for key in keys where messages[key]?.acknowledgedAt == nil {
      messages[key]?.acknowledgedAt = moment
    }
  }

  func detour(_ key: String) { messages[key]?.isDetoured = true }

  var acknowledged: [Message] { messages.values.filter { $0.acknowledgedAt != nil } }
}
