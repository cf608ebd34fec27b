/// Whether a destination gets messages at the moment: all of them, none until a time, or one to see how it is. Pure: a
/// value, changed by what happened and when. Times are milliseconds of one clock that never jumps.
package struct DestinationHealth: Sendable {
  package enum State: Sendable, Equatable {
    case open
    /// Nothing is sent until `until`; then one message probes.
    case paused(until: Int64, reason: String)
  }

  package private(set) var state = State.open
  /// How many attempts may be under way at once: less after an overload, rising again with success.
  package private(set) var concurrency: Int
  private let concurrencyMax: Int
  /// Pauses since the last success: each is twice as long as the one before.
  private var pauses = 0
  /// The end of a `Retry-After`: no success of an earlier request shortens that.
  private var asked: Int64 = .min

  static let pauseMillisecondsMin: Int64 = 5000
  static let pauseMillisecondsMax: Int64 = 300_000

  init(concurrencyMax: Int) {
    self.concurrencyMax = concurrencyMax
    concurrency = concurrencyMax
  }

  mutating func succeeded(now: Int64) {
    pauses = 0
    concurrency = min(concurrencyMax, concurrency + 1)
    if now >= asked { state = .open }
  }

  /// Pauses the destination, or, where it is paused already and no probe was under way, leaves that as it is.
  mutating func pause(
    reason: String, retryAfterSeconds: Int?, wasProbe: Bool, now: Int64, random: UInt64
  ) {
    if let retryAfterSeconds {
      asked = max(asked, now + Int64(retryAfterSeconds) * 1000)
    }
    if case .paused(let until, let reason) = state, !wasProbe {
      state = .paused(until: max(until, asked), reason: reason)
      return
    }
    concurrency = max(1, concurrency / 2)
    let doubled = Self.pauseMillisecondsMin << Int64(min(pauses, 10))
    pauses += 1
    let pause = RetrySchedule.jittered(min(doubled, Self.pauseMillisecondsMax), random: random)
    state = .paused(until: max(now + pause, asked), reason: reason)
  }
}
