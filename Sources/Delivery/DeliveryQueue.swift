/// All decisions about one destination's messages: which is tried next, when one is tried again, whose fault a failure is,
/// when the destination rests, when a message is given up. Pure: no clock, no chance and no I/O of its own, so
/// that a month passes in a test as fast as it can be counted.
///
/// A message is known by a ticket from ``add(chat:)`` until it is settled. Times are milliseconds of one clock that never
/// jumps.
package struct DeliveryQueue: ~Copyable, Sendable {
  package enum Step: Sendable, Equatable {
    /// Try this one now.
    case attempt(Int)
    /// Nothing to try before `until`, unless messages are added or attempts end; nil: nothing at all.
    case idle(until: Int64?)
  }

  /// What an attempt's end means for its message.
  package enum Verdict: Sendable, Equatable {
    case delivered
    /// Given up: it goes to the dead letters.
    case dead(attempts: Int)
    /// It will be tried again.
    case pending
  }

  struct Item: Sendable {
    let chat: ChatKey?
    var state = State.queued
    /// The attempt under way, by number, and ``successes`` when it began.
    var attempt = 0
    var successesAtStart = 0
    /// Whether its chat waits for it.
    var holdsChat = false
    /// Its chat's next message.
    var behind: Int?

    enum State: Sendable, Equatable {
      case queued, ready, inFlight
      case waiting(until: Int64)
    }
  }

  /// What a message that failed has behind it.
  struct Past: Sendable {
    /// Failures that count as its own.
    var failures = 0
    var firstFailureAt: Int64?
    /// ``attemptsBegun`` when it first failed: if one that began later is delivered, others got through.
    var begunAtFailure: Int?
    /// The same of its last failure.
    var begunAtLastFailure: Int?
    /// Failures by the destination's fault that came each after others had got through.
    var strikes = 0
    var firstStrikeAt: Int64?
  }

  package internal(set) var health: DestinationHealth
  let order: DeliveryOrder
  var office = TicketOffice()
  var items = TicketMap<Item>()
  /// Nearly all are delivered at once and have none.
  var pasts: [Int: Past] = [:]
  /// The last message of each chat that waits for one.
  var chats: [ChatKey: Int] = [:]
  var ready = TicketLine()
  var events = EventHeap()
  private var inFlight = 0
  private var probe: Int?
  var successes = 0
  var attemptsBegun = 0
  /// The number of the attempt that began last among those that delivered.
  var lastDelivered = 0
  /// Messages that failed one after the other with nothing delivered in between, and how often.
  var streak: [Int: Int] = [:]

  /// Different messages that fail in a row make it the destination's fault.
  package static let streakMax = 5
  /// A message that fails by the destination's fault, and alone does, is put off from the failure of this number on.
  static let strikesMax = 3
  /// A failing message holds its chat this long.
  package static let holdMilliseconds: Int64 = 15 * 60 * 1000
  /// Messages that are read and not settled.
  package static let unsettledMax = 10_000
  /// Beyond so many, reading on for chats that wait for nothing ends where half of the destination's room is made use of.
  package static let aheadMax = 2000

  package init(order: DeliveryOrder, concurrencyMax: Int) {
    self.order = order
    health = DestinationHealth(concurrencyMax: concurrencyMax)
  }

  package var unsettled: Int { items.count }

  /// Whether reading on may find something to try.
  package var wantsMore: Bool {
    items.count < Self.unsettledMax && ready.count < health.concurrency
      && (order != .strict || items.count < 2)
      && (items.count < Self.aheadMax || 2 * (inFlight + ready.count) < health.concurrency)
  }

  // MARK: What happens

  /// A message came, behind all others of its chat. nil: it belongs to no chat.
  package mutating func add(chat: ChatKey?) -> Int {
    let (ticket, isFirst) = insert(Item(chat: ordered(chat)))
    if isFirst { makeReady(ticket) }
    return ticket
  }

  /// A message comes back from an earlier run with what was known of it.
  package mutating func restore(chat: ChatKey?, _ standing: Standing, now: Int64) -> Int {
    let (ticket, isFirst) = insert(Item(chat: ordered(chat)))
    if standing.failures > 0 || standing.firstFailureAt != nil {
      var past = Past(failures: standing.failures, firstFailureAt: standing.firstFailureAt)
      // Attempts are counted from 1 in each run.
      if past.failures > 0 { past.begunAtFailure = standing.othersDelivered ? -1 : 0 }
      pasts[ticket] = past
    }
    // What failed holds its chat for what is left of its time; if the chat had gone on, it goes on.
    if let nextAttemptAt = standing.nextAttemptAt, isFirst {
      wait(ticket, until: nextAttemptAt, now: now)
    } else if isFirst {
      makeReady(ticket)
    }
    return ticket
  }

  /// What to do now. An attempt returned counts as begun.
  package mutating func next(now: Int64) -> Step {
    while let event = events.removeFirst(due: now) { occur(event) }
    let mayStart: Bool
    switch health.state {
    case .open: mayStart = inFlight < health.concurrency
    case .paused(let until, _):
      if now < until { return .idle(until: min(until, events.first?.time ?? until)) }
      mayStart = probe == nil
    }
    guard mayStart, let ticket = ready.popFirst() else { return .idle(until: events.first?.time) }
    if health.state != .open { probe = ticket }
    attemptsBegun += 1
    items.update(ticket) { item in
      item.state = .inFlight
      item.attempt = attemptsBegun
      item.successesAtStart = successes
    }
    inFlight += 1
    return .attempt(ticket)
  }

  /// An attempt ended. `random` is drawn only where something is to be tried again.
  package mutating func finish(
    _ ticket: Int, _ outcome: DeliveryOutcome, now: Int64, random: @autoclosure () -> UInt64
  ) -> Verdict {
    guard let attempt = items.update(ticket, { $0.state == .inFlight ? $0.attempt : nil }) ?? nil
    else { fatalError("a delivery ended that was not under way") }
    inFlight -= 1
    let wasProbe = probe == ticket
    if wasProbe { probe = nil }

    guard let fault = Fault(outcome) else {
      successes += 1
      lastDelivered = max(lastDelivered, attempt)
      if !streak.isEmpty { streak.removeAll() }
      health.succeeded(now: now)
      settle(ticket)
      return .delivered
    }
    // Only who failed is looked at as a whole.
    return failed(
      ticket, items[ticket]!, fault, outcome, wasProbe: wasProbe, now: now, random: random())
  }

  private mutating func failed(
    _ ticket: Int, _ item: Item, _ fault: Fault, _ outcome: DeliveryOutcome, wasProbe: Bool,
    now: Int64, random: UInt64
  ) -> Verdict {
    var past = pasts[ticket] ?? Past()
    let isProven = isProven(fault, item, past)
    let isStruck = strike(fault, &past, now: now)
    past.begunAtFailure = past.begunAtFailure ?? attemptsBegun
    past.begunAtLastFailure = attemptsBegun
    pasts[ticket] = past
    if isStruck, !isProven, outcome.retryAfterSeconds == nil {
      putOff(ticket, strikes: past.strikes, now: now, random: random)
      return .pending
    }
    if outcome.retryAfterSeconds != nil || !isProven,
      let reason = pauseReason(fault, ticket, outcome)
    {
      health.pause(
        reason: reason, retryAfterSeconds: outcome.retryAfterSeconds, wasProbe: wasProbe, now: now,
        random: random)
      makeReady(ticket)
      if let struck = past.firstStrikeAt, now - struck >= Self.holdMilliseconds {
        releaseChat(ticket)
      }
      return .pending
    }
    return failed(ticket, fault, isProven: isProven, now: now, random: random)
  }

  /// The message under way is not there any more: nothing became of it.
  package mutating func drop(_ ticket: Int) {
    inFlight -= 1
    if probe == ticket { probe = nil }
    settle(ticket)
  }

  /// What has to be known of a message to go on with it in another run.
  package struct Standing: Sendable, Equatable {
    package var failures = 0
    package var firstFailureAt: Int64?
    package var nextAttemptAt: Int64?
    /// Others got through since it first failed: it is its own fault.
    package var othersDelivered = false

    package init(
      failures: Int = 0, firstFailureAt: Int64? = nil, nextAttemptAt: Int64? = nil,
      othersDelivered: Bool = false
    ) {
      self.failures = failures
      self.firstFailureAt = firstFailureAt
      self.nextAttemptAt = nextAttemptAt
      self.othersDelivered = othersDelivered
    }
  }

  package func standing(of ticket: Int) -> Standing {
    guard let past = pasts[ticket] else { return Standing() }
    var standing = Standing(failures: past.failures, firstFailureAt: past.firstFailureAt)
    if case .waiting(let until) = items[ticket]?.state { standing.nextAttemptAt = until }
    standing.othersDelivered = past.begunAtFailure.map { lastDelivered > $0 } ?? false
    return standing
  }
}
