/// Who waits for whom: a chat for its first unsettled message, and that one, where it failed, for its time.
extension DeliveryQueue {
  /// What a message of the chat has one order with.
  func ordered(_ chat: ChatKey?) -> ChatKey? {
    switch order {
    case .chat: chat
    case .strict: .all
    case .none: nil
    }
  }

  /// Takes a message on, behind the last of its chat. `isFirst`: it waits for nobody.
  mutating func insert(_ item: Item) -> (ticket: Int, isFirst: Bool) {
    let ticket = office.give()
    items.insert(item, ticket)
    guard let chat = item.chat else { return (ticket, true) }
    if let last = chats.updateValue(ticket, forKey: chat) {
      items.update(last) { $0.behind = ticket }
      return (ticket, false)
    }
    items.update(ticket) { $0.holdsChat = true }
    return (ticket, true)
  }

  mutating func makeReady(_ ticket: Int) {
    items.update(ticket) { $0.state = .ready }
    ready.append(ticket)
  }

  mutating func wait(_ ticket: Int, until time: Int64, now: Int64) {
    let holdsChat = items.update(ticket) { item in
      item.state = .waiting(until: time)
      return item.holdsChat
    }
    guard let holdsChat else { return }
    events.insert(.init(time: time, ticket: ticket, kind: .retry))
    let first = pasts[ticket]?.firstFailureAt ?? now
    pasts[ticket, default: Past()].firstFailureAt = first
    if holdsChat {
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
    guard let item = items.remove(ticket) else { return }
    if !pasts.isEmpty { pasts[ticket] = nil }
    office.takeBack(ticket)
    releaseChat(of: item)
  }

  /// The chat waits no longer for this message, and goes on with the next.
  mutating func releaseChat(_ ticket: Int) {
    guard let item = items[ticket] else { return }
    items.update(ticket) { $0.holdsChat = false }
    releaseChat(of: item)
  }

  private mutating func releaseChat(of item: Item) {
    guard item.holdsChat, let chat = item.chat else { return }
    if let next = item.behind {
      items.update(next) { $0.holdsChat = true }
      makeReady(next)
    } else {
      chats[chat] = nil
    }
  }
}
