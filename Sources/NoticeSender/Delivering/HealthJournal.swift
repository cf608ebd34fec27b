import Delivery
import Logging
import Notice
import Spool
import SystemCalls

/// Tells how a destination is whenever that changes: to the log, and to the file that `status` reads.
struct HealthJournal {
  private(set) var health: LaneHealth
  private let file: AtomicFile
  private let system: any SystemCalls
  private let log: Logger
  private var hasFailed = false

  init(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls, _ log: Logger
  ) {
    health = LaneHealth(since: Self.now(system))
    file = LaneHealth.file(destination, directory, system)
    self.system = system
    self.log = log
    write()
  }

  /// `until` is when a pause ends, by the clock on the wall.
  mutating func note(
    _ state: DestinationHealth.State, until: Timestamp?, after outcome: DeliveryOutcome
  ) {
    switch state {
    case .open:
      guard health.state == .paused else { return }
      log.notice("delivers again")
      health = LaneHealth(since: Self.now(system))
    case .paused(_, let reason):
      if health.state == .running { log.warning("paused, and will be tried again: \(reason)") }
      var next = health
      next.state = .paused
      if health.state == .running { next.since = Self.now(system) }
      next.reason = reason
      if next.reason != health.reason { next.advice = LaneHealth.advice(outcome) }
      // The clocks are read at different moments: what differs by less than a second is the same.
      let moved = (until?.milliseconds ?? 0) - (health.nextAttemptAt?.milliseconds ?? 0)
      if abs(moved) >= 1000 { next.nextAttemptAt = until }
      guard next != health else { return }
      health = next
    }
    write()
  }

  private static func now(_ system: any SystemCalls) -> Timestamp {
    Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
  }

  private mutating func write() {
    do {
      try file.replace(SealedJSON.encode(health))
      hasFailed = false
    } catch {
      if !hasFailed { log.error("unable to write \(file.path): \(error)") }
      hasFailed = true
    }
  }
}
