/// Whose fault a failure is: the table's answer, overruled by what became of other messages.
extension DeliveryQueue {
  /// Whether others got through, so that it is this message's own fault whatever the answer says.
  func isProven(_ fault: Fault, _ item: Item) -> Bool {
    switch fault {
    case .overload: false
    // The destination may have been away just now: only what got through during the attempt counts.
    case .unreachable: successes > item.successesAtStart
    case .messageForGood, .messageForNow, .destination:
      item.successesAtFailure.map { successes > $0 } ?? false
    }
  }

  /// Why the destination is to rest; nil: it is not.
  mutating func pauseReason(
    _ fault: Fault, _ ticket: Int, _ outcome: DeliveryOutcome
  ) -> String? {
    switch fault {
    case .destination, .overload, .unreachable: return outcome.description
    case .messageForGood, .messageForNow:
      if outcome.retryAfterSeconds != nil { return outcome.description }
      // A pause uses up no attempts, of nobody.
      if case .paused = health.state { return outcome.description }
      streak[ticket, default: 0] += 1
      guard streak.count >= Self.streakMax else { return nil }
      for (other, count) in streak where other != ticket { forgive(other, count) }
      forgive(ticket, (streak[ticket] ?? 1) - 1)
      let count = streak.count
      streak.removeAll()
      return "\(count) different messages in a row failed, the last with: \(outcome.description)"
    }
  }

  mutating func forgive(_ ticket: Int, _ failures: Int) {
    guard var item = items[ticket] else { return }
    item.failures -= failures
    if item.failures == 0 { item.firstFailureAt = nil }
    items[ticket] = item
  }

  mutating func failed(
    _ ticket: Int, _ fault: Fault, isProven: Bool, now: Int64, random: UInt64
  ) -> Verdict {
    items[ticket]?.failures += 1
    let failures = items[ticket]?.failures ?? 0
    let isHopeless = fault == .messageForGood && failures > 1 && isProven
    guard !isHopeless, let delay = RetrySchedule.delay(afterFailures: failures, random: random)
    else {
      settle(ticket)
      return .dead(attempts: failures)
    }
    wait(ticket, until: now + delay, now: now)
    return .pending
  }
}
