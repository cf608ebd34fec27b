import Delivery
import Glibc
import SystemCalls

/// Hands records to a command, as NDJSON on its standard input, one process after the other. Its exit status is the outcome of
/// all that it got: 0 delivered, 100 refused for good, anything else failed. Where several were refused, each is tried
/// alone once, so that only the one at fault is. What it writes to standard output goes nowhere.
package final class ExecDestination: Destination {
  package var capacity: Int { settings.recordsMax }

  private let settings: ExecSettings
  private var pending: ArraySlice<DeliveryAttempt> = []
  /// Those of a batch that was refused.
  private var alone: ArraySlice<DeliveryAttempt> = []
  private var running: (process: CommandProcess, attempts: [DeliveryAttempt])?

  /// The exit status that says: never again.
  static let refusedStatus: Int32 = 100

  package init(_ settings: ExecSettings) throws(ExecSettingsError) {
    try settings.validate()
    self.settings = settings
    // A command that ends before it has read everything must not end this program.
    signal(SIGPIPE, SIG_IGN)
  }

  package func begin(_ attempt: DeliveryAttempt) {
    pending.append(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    let end = Clock.monotonicMilliseconds() + milliseconds
    while true {
      if running == nil, let ended = start() {
        reports += ended
        return
      }
      let now = Clock.monotonicMilliseconds()
      guard let (process, attempts) = running else {
        Sleep.wait(milliseconds: max(0, end - now), readable: wakeUps)
        return
      }
      if let ending = process.work(now: now) {
        running = nil
        let ended = settle(attempts, ending)
        reports += ended
        if !ended.isEmpty { return }
        continue
      }
      if now >= end { return }
      let ready = Sleep.wait(
        milliseconds: max(0, min(end, process.dueMilliseconds) - now),
        readable: wakeUps + process.readable, writable: process.writable)
      if wakeUps.contains(where: ready.contains) { return }
    }
  }

  /// Begins the next process, if there is one to begin; returns what became of its records where that is not possible.
  private func start() -> [DeliveryReport]? {
    let attempts: [DeliveryAttempt]
    if let attempt = alone.popFirst() {
      attempts = [attempt]
    } else {
      attempts = Array(pending.prefix(settings.recordsMax))
      pending = pending.dropFirst(attempts.count)
    }
    guard !attempts.isEmpty else { return nil }
    var input: [UInt8] = []
    for attempt in attempts {
      input += settings.body.bytes(of: attempt.record)
      input.append(UInt8(ascii: "\n"))
    }
    let environment = settings.environment.merging([
      "NOTICE_DESTINATION": settings.name, "NOTICE_RECORDS": "\(attempts.count)",
    ]) { $1 }
    do throws(SystemCallError) {
      let process = try CommandProcess(
        settings.arguments, environment: environment, input: input,
        deadlineMilliseconds: Clock.monotonicMilliseconds() + settings.timeoutSeconds * 1000,
        graceMilliseconds: settings.graceMilliseconds)
      running = (process, attempts)
      return nil
    } catch {
      return reports(attempts, .failed(reason: "unable to start the command: \(error)"))
    }
  }

  private func settle(
    _ attempts: [DeliveryAttempt], _ ending: CommandEnding
  ) -> [DeliveryReport] {
    if ending.status == .exited(0) { return reports(attempts, .delivered) }
    // Commands like to tell what they were given.
    let reason = SecretMask().masked(
      ending.reason(timeoutSeconds: settings.timeoutSeconds), attempts.map(\.record))
    switch ending.status {
    case .exited(Self.refusedStatus):
      guard attempts.count > 1 else { return reports(attempts, .refused(reason: reason)) }
      alone = attempts[...]
      return []
    case .exited, .signalled, .timedOut: return reports(attempts, .failed(reason: reason))
    }
  }

  private func reports(
    _ attempts: [DeliveryAttempt], _ outcome: DeliveryOutcome
  ) -> [DeliveryReport] {
    attempts.map { DeliveryReport($0, outcome) }
  }
}
