import Notice

/// How many messages came in when, of what type and in which chats, as far back as is asked for. Pure.
struct Traffic: Sendable {
  struct Chat: Sendable, Equatable {
    /// The room's topic or the contact's name, as it was called last.
    var name: String
    var isRoom: Bool
    var count: Int
  }

  private struct Hour: Sendable {
    var types: [String: Int] = [:]
    var chats: [String: Chat] = [:]
  }

  static let minuteMilliseconds: Int64 = 60_000
  private static let hourMinutes: Int64 = 60
  /// Of one hour: whoever is among the busiest is among these.
  private static let chatsMax = 10_000

  /// By minute since 1970.
  private(set) var minutes: [Int64: Int] = [:]
  private var hours: [Int64: Hour] = [:]

  var total: Int { minutes.values.reduce(0, +) }

  mutating func add(_ record: NoticeRecord, receivedAt: Timestamp) {
    let minute = receivedAt.milliseconds / Self.minuteMilliseconds
    minutes[minute, default: 0] += 1
    let type = record.kind == .other ? "event" : record.typeName ?? "?"
    hours[minute / Self.hourMinutes, default: Hour()].types[type, default: 0] += 1
    guard let key = record.chatKey else { return }
    let isRoom = record.value(.roomId) != nil
    let name =
      (isRoom ? record.value(.roomTopic) ?? record.value(.roomId) : record.value(.contactName))
      ?? key
    let isKnown = hours[minute / Self.hourMinutes]?.chats[key] != nil
    if !isKnown, (hours[minute / Self.hourMinutes]?.chats.count ?? 0) >= Self.chatsMax { return }
    hours[minute / Self.hourMinutes]?
      .chats[key, default: Chat(name: name, isRoom: isRoom, count: 0)].count += 1
    hours[minute / Self.hourMinutes]?.chats[key]?.name = name
  }

  /// Forgets what is older; of types and chats, whole hours.
  mutating func forget(before time: Timestamp) {
    let first = time.milliseconds / Self.minuteMilliseconds
    minutes = minutes.filter { $0.key >= first }
    hours = hours.filter { $0.key >= first / Self.hourMinutes }
  }

  /// The most frequent first.
  var types: [(name: String, count: Int)] {
    var sums: [String: Int] = [:]
    for hour in hours.values { sums.merge(hour.types, uniquingKeysWith: +) }
    return sums.map { ($0.key, $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// The busiest first.
  func chats(most: Int) -> [Chat] {
    var sums: [String: Chat] = [:]
    for (_, hour) in hours.sorted(by: { $0.key < $1.key }) {
      sums.merge(hour.chats) { earlier, later in
        Chat(name: later.name, isRoom: later.isRoom, count: earlier.count + later.count)
      }
    }
    return Array(
      sums.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(most).map(\.value))
  }

  /// Messages in each of `count` spans of `spanMinutes`, the last of which ends with `time`.
  func counts(until time: Timestamp, spanMinutes: Int, count: Int) -> [Int] {
    let end = time.milliseconds / Self.minuteMilliseconds + 1
    return (0..<count).map { place in
      let start = end - Int64((count - place) * spanMinutes)
      return (start..<start + Int64(spanMinutes)).reduce(0) { $0 + (minutes[$1] ?? 0) }
    }
  }
}
