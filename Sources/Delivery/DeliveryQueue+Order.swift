/// Who waits for whom: a chat for its first unsettled message, and that one, where it failed, for its time.
extension DeliveryQueue {
  func chatKey(_ chat: String?) -> String? {
    switch order {
    case .chat: chat
    case .strict: ""
    case .none: nil
    }
  }

  mutating func insert(_ item: Item) -> Int {
    let ticket = nextTicket
    nextTicket += 1
    var item = item
    if let chat = item.chat {
      if chats[chat]?.behind.append(ticket) != nil {
        items[ticket] = item
        return ticket
      }
      chats[chat] = Chat()
      item.holdsChat = true
    }
    item.state = .ready
    items[ticket] = item
    ready.append(ticket)
    return ticket
  }

  mutating func makeReady(_ ticket: Int) {
    items[ticket]?.state = .ready
    ready.append(ticket)
  }

  mutating func wait(_ ticket: Int, until time: Int64, now: Int64) {
    guard var item = items[ticket] else { return }
    item.state = .waiting(until: time)
    let first = item.firstFailureAt ?? now
    item.firstFailureAt = first
    items[ticket] = item
    events.insert(.init(time: time, ticket: ticket, kind: .retry))
    if item.holdsChat {
      events.insert(.init(time: first + Self.holdMilliseconds, ticket: ticket, kind: .holdEnd))
    }
  }

  mutating func occur(_ event: EventHeap.Event) {
    guard let item = items[event.ticket] else { return }
    switch event.kind {
    case .retry:
      if item.state == .waiting(until: event.time) { makeReady(event.ticket) }
    case .holdEnd:
      // Only a message that still waits keeps its chat from going on; one under way decides by its end.
      if case .waiting = item.state { releaseChat(event.ticket) }
    }
  }

  mutating func settle(_ ticket: Int) {
    if let item = items.removeValue(forKey: ticket) { releaseChat(of: item) }
  }

  /// The chat waits no longer for this message, and goes on with the next.
  mutating func releaseChat(_ ticket: Int) {
    guard let item = items[ticket], item.holdsChat else { return }
    items[ticket]?.holdsChat = false
    releaseChat(of: item)
  }

  private mutating func releaseChat(of item: Item) {
    guard item.holdsChat, let chat = item.chat else { return }
    guard let next = chats[chat]?.behind.popFirst() else {
      chats[chat] = nil
      return
    }
    items[next]?.holdsChat = true
    makeReady(next)
  }
}
