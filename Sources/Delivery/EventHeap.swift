/// What is due when: a binary heap of tickets by time.
struct EventHeap: Sendable {
  struct Event: Sendable {
    let time: Int64
    let ticket: Int
    let kind: Kind
  }

  enum Kind: Sendable {
    case retry, holdEnd
  }

  private var events: [Event] = []

  var first: Event? { events.first }

  mutating func insert(_ event: Event) {
    events.append(event)
    var child = events.count - 1
    while child > 0, events[child].time < events[(child - 1) / 2].time {
      events.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The earliest event, if it is due.
  mutating func removeFirst(due now: Int64) -> Event? {
    guard let first = events.first, first.time <= now else { return nil }
    events.swapAt(0, events.count - 1)
    events.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < events.count && events[child].time < events[least].time {
        least = child
      }
      if least == parent { return first }
      events.swapAt(parent, least)
      parent = least
    }
  }
}
