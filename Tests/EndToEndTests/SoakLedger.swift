import Foundation
import SystemCalls
import TestSupport

/// What a client sent, what of it was acknowledged, and what a receiver got: a byte for each message, as there are millions.
/// Messages are numbered from 0 in each chat; a chat is one connection of the client.
final class SoakLedger: Sendable {
  /// One chat's, on whichever thread.
  final class Chat: Sendable {
    let state = Monitor(State())
  }

  struct State {
    /// By number.
    var acknowledged: [Bool] = []
    /// How often it came.
    var received: [UInt8] = []
    /// The highest number received so far.
    var highest = -1
    /// Those that came for the first time after a later one.
    var late: [Int] = []
  }

  let chats: [Chat]

  init(chats count: Int) {
    chats = (0..<count).map { _ in Chat() }
  }

  static func id(_ chat: Int, _ number: Int) -> String { "soak-\(chat)-\(number)" }

  /// nil: no message of a soak.
  static func place(_ id: some StringProtocol) -> (chat: Int, number: Int)? {
    let parts = id.split(separator: "-")
    guard parts.count == 3, parts[0] == "soak", let chat = Int(parts[1]),
      let number = Int(parts[2])
    else { return nil }
    return (chat, number)
  }

  func acknowledge(_ chat: Int, _ number: Int) {
    chats[chat].state.withLock { chat in
      Self.fill(&chat.acknowledged, to: number, with: false)
      chat.acknowledged[number] = true
    }
  }

  func receive(_ body: [UInt8]) {
    // The id stands before anything else with such a name.
    let name = Array("soak-".utf8)
    guard let start = body.firstRange(of: name)?.lowerBound,
      let place = Self.place(
        String(decoding: body[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)),
      place.chat < chats.count
    else { return }
    chats[place.chat].state.withLock { chat in
      Self.fill(&chat.received, to: place.number, with: 0)
      if chat.received[place.number] == 0 {
        if place.number < chat.highest { chat.late.append(place.number) }
        chat.highest = max(chat.highest, place.number)
      }
      chat.received[place.number] += chat.received[place.number] < 255 ? 1 : 0
    }
  }

  var acknowledgedCount: Int {
    chats.reduce(0) { $0 + $1.state.withLock { $0.acknowledged.count { $0 } } }
  }

  var receivedCount: Int {
    chats.reduce(0) { $0 + $1.state.withLock { $0.received.count { $0 > 0 } } }
  }

  var repeatedCount: Int {
    chats.reduce(0) {
      $0 + $1.state.withLock { $0.received.reduce(0) { $0 + max(0, Int($1) - 1) } }
    }
  }

  private static func fill<Value>(_ list: inout [Value], to number: Int, with value: Value) {
    if list.count <= number {
      list.append(contentsOf: repeatElement(value, count: number + 1 - list.count))
    }
  }
}
