/// Whose fault a failure is: the table's answer, overruled by what became of other messages.
extension DeliveryQueue {
  /// Whether others got through, so that it is this message's own fault whatever the answer says. What got through before a
  /// pause proves nothing in it.
  func isProven(_ fault: Fault, _ item: Item, _ past: Past) -> Bool {
    guard health.state == .open else { return false }
    switch fault {
    case .overload: return false
    // The destination may have been away just now: only what got through during the attempt counts.
    case .unreachable: return successes > item.successesAtStart
    case .messageForGood, .messageForNow, .destination:
      // What had begun before it failed may have met the destination as it was before.
      return past.begunAtFailure.map { lastDelivered > $0 } ?? false
    }
  }

  /// Counts a failure by the destination's fault if others got through since the message failed before. Returns whether that
  /// is so for the ``strikesMax``th time: then the message waits for itself instead of pausing the destination once more.
  func strike(_ fault: Fault, _ past: inout Past, now: Int64) -> Bool {
    guard fault == .overload || fault == .unreachable, health.state == .open,
      let begun = past.begunAtLastFailure, lastDelivered > begun
    else { return false }
    past.strikes += 1
    past.firstStrikeAt = past.firstStrikeAt ?? now
    return past.strikes >= Self.strikesMax
  }

  /// As after a first, a second and then always a third failure of its own, but none is counted: it does not die of them.
  mutating func putOff(_ ticket: Int, strikes: Int, now: Int64, random: UInt64) {
    let failures = min(strikes - Self.strikesMax + 1, Self.strikesMax)
    guard let delay = RetrySchedule.delay(afterFailures: failures, random: random) else {
      fatalError("the schedule has no delay after \(failures) failures")
    }
    wait(ticket, until: now + delay, now: now)
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
    guard var past = pasts[ticket] else { return }
    past.failures -= failures
    if past.failures == 0 { past.firstFailureAt = nil }
    pasts[ticket] = past
  }

  mutating func failed(
    _ ticket: Int, _ fault: Fault, isProven: Bool, now: Int64, random: UInt64
  ) -> Verdict {
    pasts[ticket, default: Past()].failures += 1
    let failures = pasts[ticket]?.failures ?? 0
    // Where others have failed since one got through, it may be the destination after all.
    let isHopeless =
      fault == .messageForGood && failures > 1 && isProven
      && streak.keys.allSatisfy { $0 == ticket }
    guard !isHopeless, let delay = RetrySchedule.delay(afterFailures: failures, random: random)
    else {
      settle(ticket)
      return .dead(attempts: failures)
    }
    wait(ticket, until: now + delay, now: now)
    return .pending
  }
}
