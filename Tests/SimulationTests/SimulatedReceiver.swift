import Delivery
import Destinations
import Notice
import TestSupport

/// Somebody elsewhere who gets messages and forgets none, whatever happens to the machine of the sender.
final class SimulatedReceiver {
  enum Mood: CaseIterable {
    case well
    /// Some messages get through, some get an error, of some the answer is lost.
    case moody
    case away
    case overloaded
    case misconfigured
  }

  let name: String
  var mood = Mood.well
  /// Messages that are never taken.
  var refused: Set<String> = []
  private let disk: SimulatedDisk
  private let ledger: Ledger

  /// When each message came first, counted over all events.
  private(set) var firstDeliveries: [String: Int] = [:]
  private(set) var firstDeliveryTimes: [String: Int64] = [:]
  /// When an attempt failed first by what may be the message's own fault.
  private(set) var firstFailures: [String: Int64] = [:]
  private(set) var refusals: Set<String> = []
  private(set) var deliveries = 0
  /// What was delivered and was never sent so.
  private(set) var alterations: [String] = []

  init(_ name: String, _ disk: SimulatedDisk, _ ledger: Ledger) {
    self.name = name
    self.disk = disk
    self.ledger = ledger
  }

  func copy(_ disk: SimulatedDisk, _ ledger: Ledger) -> SimulatedReceiver {
    let copy = SimulatedReceiver(name, disk, ledger)
    copy.mood = mood
    copy.refused = refused
    copy.firstDeliveries = firstDeliveries
    copy.firstDeliveryTimes = firstDeliveryTimes
    copy.firstFailures = firstFailures
    copy.refusals = refusals
    copy.deliveries = deliveries
    copy.alterations = alterations
    return copy
  }

  func take(_ record: NoticeRecord) -> DeliveryOutcome {
    guard let key = record.value(.messageId), let message = ledger.messages[key] else {
      alterations.append("\(record.id) was never sent")
      return .delivered
    }
    let outcome = outcome(key)
    if case .answered(let status, _, _) = outcome.told, status == 422 || status == 500 {
      firstFailures[key] = firstFailures[key] ?? disk.realtimeMilliseconds
      if status == 422 { refusals.insert(key) }
    }
    guard outcome.isTaken else { return outcome.told }
    if !record.body.elementsEqual(message.body) { alterations.append("\(key) was altered") }
    deliveries += 1
    if firstDeliveries[key] == nil {
      firstDeliveries[key] = ledger.nextMoment()
      firstDeliveryTimes[key] = disk.realtimeMilliseconds
    }
    return outcome.told
  }

  private func outcome(_ key: String) -> (isTaken: Bool, told: DeliveryOutcome) {
    if refused.contains(key), mood == .well || mood == .moody {
      return (false, .answered(status: 422, retryAfterSeconds: nil, excerpt: Array("no".utf8)))
    }
    switch mood {
    case .well: return (true, .delivered)
    case .away: return (false, .unreachable(reason: "refused"))
    case .overloaded: return (false, Self.answer(503, retryAfterSeconds: 20))
    case .misconfigured: return (false, Self.answer(404))
    case .moody:
      switch disk.chance.next() % 10 {
      case 0: return (false, Self.answer(500))
      case 1: return (false, Self.answer(503))
      case 2: return (true, .unreachable(reason: "time-out"))
      case 3: return (true, Self.answer(500))
      default: return (true, .delivered)
      }
    }
  }

  private static func answer(_ status: Int, retryAfterSeconds: Int? = nil) -> DeliveryOutcome {
    .answered(status: status, retryAfterSeconds: retryAfterSeconds, excerpt: [])
  }
}

/// A sender's way to a ``SimulatedReceiver``. Attempts end in any order; when the sender's process has ended, none gets through.
final class SimulatedDestination: Destination {
  let capacity = 4
  private let receiver: SimulatedReceiver
  private let process: SimulatedProcess
  private let disk: SimulatedDisk
  private var pending: [DeliveryAttempt] = []

  init(_ receiver: SimulatedReceiver, _ process: SimulatedProcess, _ disk: SimulatedDisk) {
    self.receiver = receiver
    self.process = process
    self.disk = disk
  }

  func begin(_ attempt: DeliveryAttempt) { pending.append(attempt) }

  func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    disk.pass(nanoseconds: 1_000_000)
    guard !pending.isEmpty else {
      disk.pass(nanoseconds: Int64(milliseconds) * 1_000_000)
      return
    }
    if process.isDead {
      defer { pending = [] }
      let outcome = DeliveryOutcome.unreachable(reason: "the process has ended")
      reports += pending.map { DeliveryReport($0, outcome) }
      return
    }
    let count = 1 + Int(disk.chance.next() % UInt64(pending.count))
    for _ in 0..<count {
      let attempt = pending.remove(at: Int(disk.chance.next() % UInt64(pending.count)))
      reports.append(DeliveryReport(attempt, receiver.take(attempt.record)))
    }
  }
}
