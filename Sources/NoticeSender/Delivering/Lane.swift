import Delivery
import Destinations
import Logging
import Notice
import Spool
import SystemCalls

/// One destination's way through the spool, on a thread of its own, so that no destination holds up another: reads
/// records, carries out what ``DeliveryQueue`` decides, and records how far it came.
final class Lane {
  enum Mode: Sendable {
    /// Until it is stopped.
    case run
    /// Until nothing can be delivered now.
    case once
  }

  private let name: String
  private let mode: Mode
  private let destination: any Destination
  private let filter: NoticeFilter
  /// nil: duplicates are delivered as any other.
  private var duplicates: DuplicateMemory?
  private let system: any SystemCalls
  private let store: CheckpointStore
  private let deadLetters: DeadLetters
  private let damage: DamageLog
  private let stop: Latch
  private let watch: SpoolWatch
  private let report: Monitor<LaneReport>
  private let log: Logger

  private var queue: DeliveryQueue
  private var reader: SpoolReader
  private var checkpoint: Checkpoint
  private var records = PendingRecords()
  private var inFlight = 0
  private var atEnd = false
  private var isChanged = false
  private var savedAt: Int64 = 0
  private var stoppedAt: Int64?
  private var wasPaused = false

  /// Records read in one go, between which attempts are looked after.
  private static let readsMax = 256
  /// How old a checkpoint becomes while deliveries go on: what a crash repeats.
  private static let checkpointMilliseconds: Int64 = 250
  /// How often the spool is looked at without a hint.
  private static let pollMilliseconds: Int64 = 1000
  /// What attempts under way get to end when the sender is stopped.
  private static let stopMilliseconds: Int64 = 10_000

  init(
    _ settings: DestinationSettings, mode: Mode, in directory: SpoolDirectory,
    damage: DamageLog, stop: Latch, report: Monitor<LaneReport>, _ system: any SystemCalls,
    _ log: Logger
  ) throws {
    name = settings.name
    self.mode = mode
    self.system = system
    self.damage = damage
    self.stop = stop
    self.report = report
    self.log = log
    destination = try settings.makeDestination(system)
    filter = settings.filter
    store = CheckpointStore(name, directory, system, log)
    if settings.suppressesDuplicates {
      duplicates = DuplicateMemory(name, directory, system, log)
    }
    deadLetters = DeadLetters(name, directory, system)
    watch = SpoolWatch(directory)
    checkpoint = try store.load()
    queue = DeliveryQueue(order: settings.order, concurrencyMax: destination.capacity)
    reader = SpoolReader(directory, from: checkpoint.position, system)
    report.withLock { $0.segmentNeeded = checkpoint.segmentNeeded }
    restore()
  }

  /// Works until it is stopped, or, in the mode `once`, until there is nothing to do now.
  func run() {
    while true {
      let now = milliseconds()
      watch.clear()
      if stoppedAt == nil { fill() }
      let idleUntil = stoppedAt == nil ? start(now) : nil
      if isDone(now, idleUntil: idleUntil) { break }
      saveIfDue(now)
      var wakeUps = [stop.descriptor]
      if let descriptor = watch.descriptor { wakeUps.append(descriptor) }
      if stoppedAt != nil { wakeUps = [] }
      let wait = waitMilliseconds(now, idleUntil: idleUntil)
      for report in destination.wait(milliseconds: wait, wakeUps: wakeUps) { finish(report) }
      if stoppedAt == nil, stop.isOpen { stoppedAt = milliseconds() }
    }
    save()
    report.withLock { $0.isDrained = queue.unsettled == 0 && atEnd }
  }

  // MARK: Reading

  private func restore() {
    let now = milliseconds()
    for item in checkpoint.unsettled.sorted(by: { $0.position < $1.position }) {
      guard let record = read(item.position) else {
        log.error("the record at \(item.position) was pending and is not in the spool any more")
        checkpoint.counts.damaged += 1
        continue
      }
      let ticket = queue.restore(
        chat: record.chatKey,
        DeliveryQueue.Standing(
          failures: item.failures, firstFailureAt: item.firstFailureAt.map(monotonic),
          nextAttemptAt: item.nextAttemptAt.map(monotonic),
          othersDelivered: item.othersDelivered ?? false),
        now: now)
      records.keep(record, at: item.position, ticket)
    }
  }

  /// Reads on as far as there may be something to try.
  private func fill() {
    var reads = 0
    atEnd = false
    do throws(SystemCallError) {
      while queue.wantsMore, reads < Self.readsMax {
        let position = reader.next
        switch try reader.read() {
        case .record(let record, let next):
          guard filter.wants(record) else {
            checkpoint.counts.filtered += 1
            break
          }
          let ticket = queue.add(chat: record.chatKey)
          // The first record of a segment that reading has gone on to stands at its beginning.
          let start =
            next.segment == position.segment
            ? position : SpoolPosition(segment: next.segment, offset: 0)
          records.keep(record, at: start, ticket)
        case .damaged(let bytes, let segment, let reason, let next):
          damage.keep(bytes, in: segment, reason: reason, next: next)
          checkpoint.counts.damaged += 1
        case .missing(let reason, _):
          log.error("\(reason)")
        case .end:
          atEnd = true
          isChanged = isChanged || reader.next != position
          return
        }
        isChanged = true
        reads += 1
      }
    } catch {
      log.error("unable to read the spool: \(error)")
      atEnd = true
    }
  }

  private func read(_ position: SpoolPosition) -> NoticeRecord? {
    do throws(SystemCallError) {
      return try reader.record(at: position)
    } catch {
      log.error("unable to read the record at \(position) again: \(error)")
      return nil
    }
  }

  // MARK: Delivering

  /// Begins what may begin; returns when there is more to begin, nil: when something happens.
  private func start(_ now: Int64) -> Int64? {
    while true {
      switch queue.next(now: now) {
      case .idle(let until): return until
      case .attempt(let ticket):
        guard let record = records.record(ticket, reading: read) else {
          lose(ticket)
          continue
        }
        if duplicates?.isDuplicate(record) == true {
          leaveOut(ticket)
          continue
        }
        inFlight += 1
        destination.begin(DeliveryAttempt(ticket: ticket, record: record))
      }
    }
  }

  private func finish(_ report: DeliveryReport) {
    inFlight -= 1
    isChanged = true
    let verdict = queue.finish(
      report.ticket, report.outcome, now: milliseconds(), random: system.random())
    tellHealth()
    switch verdict {
    case .pending: return
    case .delivered:
      checkpoint.counts.delivered += 1
      remember(report.ticket)
    case .dead(let attempts):
      guard bury(report, attempts: attempts) else { return }
      checkpoint.counts.dead += 1
    }
    records.forget(report.ticket)
  }

  /// A dead letter that cannot be written keeps everything waiting: it must not be lost. False where the sender is stopped
  /// meanwhile: then the message stays pending.
  private func bury(_ report: DeliveryReport, attempts: Int) -> Bool {
    guard let record = records.record(report.ticket, reading: read) else { return true }
    log.warning("\(record.id) is given up after \(attempts) attempts: \(report.outcome)")
    while true {
      do throws(SystemCallError) {
        try deadLetters.append(record, attempts: attempts, outcome: report.outcome)
        return true
      } catch {
        log.error("unable to write the dead letter \(record.id), trying again: \(error)")
        if stop.wait(milliseconds: 1000) == .opened { return false }
      }
    }
  }

  private func remember(_ ticket: Int) {
    guard duplicates != nil, let record = records.record(ticket, reading: read) else { return }
    duplicates?.delivered(record)
  }

  /// The destination has it already.
  private func leaveOut(_ ticket: Int) {
    isChanged = true
    checkpoint.counts.filtered += 1
    queue.drop(ticket)
    records.forget(ticket)
  }

  private func lose(_ ticket: Int) {
    log.error("a pending record cannot be read any more and is passed over")
    checkpoint.counts.damaged += 1
    queue.drop(ticket)
    records.forget(ticket)
  }

  private func tellHealth() {
    switch queue.health.state {
    case .open:
      if wasPaused { log.notice("delivers again") }
      wasPaused = false
    case .paused(_, let reason):
      if !wasPaused { log.warning("paused, and will be tried again: \(reason)") }
      wasPaused = true
    }
  }

  // MARK: Waiting and leaving

  private func isDone(_ now: Int64, idleUntil: Int64?) -> Bool {
    if let stoppedAt { return inFlight == 0 || now - stoppedAt > Self.stopMilliseconds }
    guard mode == .once, inFlight == 0 else { return false }
    return atEnd || !queue.wantsMore
  }

  private func waitMilliseconds(_ now: Int64, idleUntil: Int64?) -> Int {
    if !atEnd, queue.wantsMore, stoppedAt == nil { return 0 }
    var until = now + Self.pollMilliseconds
    if let idleUntil { until = min(until, idleUntil) }
    if isChanged { until = min(until, savedAt + Self.checkpointMilliseconds) }
    return Int(max(0, until - now))
  }

  // MARK: The checkpoint

  private func saveIfDue(_ now: Int64) {
    if isChanged, now - savedAt >= Self.checkpointMilliseconds { save() }
  }

  /// A position is recorded only when all before it is durable: it can never lie beyond what survives a
  /// power cut.
  private func save() {
    savedAt = milliseconds()
    guard isChanged, reader.sync() else { return }
    duplicates?.save()
    checkpoint.position = reader.next
    checkpoint.unsettled = records.positions.map { ticket, position in
      let standing = queue.standing(of: ticket)
      return Checkpoint.Unsettled(
        position: position, failures: standing.failures,
        firstFailureAt: standing.firstFailureAt.map(wall),
        nextAttemptAt: standing.nextAttemptAt.map(wall),
        othersDelivered: standing.othersDelivered ? true : nil)
    }
    checkpoint.updatedAt = wall(savedAt)
    do {
      try store.save(checkpoint)
      isChanged = false
      report.withLock { $0.segmentNeeded = checkpoint.segmentNeeded }
    } catch {
      log.error("unable to save the checkpoint: \(error)")
    }
  }

  // MARK: Time

  private func milliseconds() -> Int64 { system.monotonicNanoseconds() / 1_000_000 }

  private func wall(_ monotonic: Int64) -> Timestamp {
    Timestamp(
      milliseconds: system.realtimeNanoseconds() / 1_000_000 + monotonic - milliseconds())
  }

  private func monotonic(_ wall: Timestamp) -> Int64 {
    milliseconds() + wall.milliseconds - system.realtimeNanoseconds() / 1_000_000
  }
}
