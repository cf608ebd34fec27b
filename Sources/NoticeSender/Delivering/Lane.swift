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
  private let requeueFiles: RequeueFiles
  private let damage: DamageLog
  private let stop: Latch
  private let watch: SpoolWatch
  private let report: Monitor<LaneReport>
  private let log: Logger

  private var queue: DeliveryQueue
  private var reader: SpoolReader
  private var checkpoint: Checkpoint
  private var records = PendingRecords()
  private var requeue: RequeueWork
  private var buried: BuriedLetters
  private var journal: HealthJournal
  private var attempts: [AttemptResult: Int] = [:]
  private var inFlight = 0
  private var atEnd = false
  private var isChanged = false
  private var savedAt: Int64 = 0
  private var checkpointPause = Lane.checkpointMilliseconds.upperBound
  private var stoppedAt: Int64?

  /// Records read in one go, between which attempts are looked after.
  private static let readsMax = 256
  /// How old a checkpoint becomes while deliveries go on: what a crash repeats. As little as the disk allows: saving takes
  /// at most a tenth of the time, as long as that keeps within the longest.
  private static let checkpointMilliseconds: ClosedRange<Int64> = 25...250
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
    requeueFiles = RequeueFiles(name, directory, system)
    checkpoint = try store.load()
    requeue = RequeueWork(checkpoint.requeue, requeueFiles, deadLetters, system)
    buried = try BuriedLetters(deadLetters, requeueFiles, checkpoint.requeue, system)
    journal = HealthJournal(
      name, directory,
      now: Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000), system, log)
    queue = DeliveryQueue(order: settings.order, concurrencyMax: destination.capacity)
    reader = SpoolReader(directory, from: checkpoint.position, system)
    restore()
    publish()
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
    // What was requeued is cleared away by the second.
    save()
    report.withLock { $0.isDrained = queue.unsettled == 0 && atEnd }
  }

  // MARK: Reading

  private func restore() {
    let now = milliseconds()
    for item in checkpoint.unsettled.sorted(by: { $0.position < $1.position }) {
      let place = PendingRecords.Place(position: item.position, origin: item.origin ?? .spool)
      guard let record = read(place) else {
        log.error("the record at \(item.position) was pending and is not there any more")
        if place.origin != .replay { checkpoint.counts.lost += 1 }
        isChanged = true
        continue
      }
      if isBuried(record, place.origin) { continue }
      let ticket = queue.restore(
        chat: record.chatKey,
        DeliveryQueue.Standing(
          failures: item.failures, firstFailureAt: item.firstFailureAt.map(monotonic),
          nextAttemptAt: item.nextAttemptAt.map(monotonic),
          othersDelivered: item.othersDelivered ?? false),
        now: now)
      records.keep(record, at: place, ticket)
    }
  }

  /// Reads on as far as there may be something to try.
  private func fill() {
    var reads = 0
    atEnd = false
    fillRequeued()
    do throws(SystemCallError) {
      while queue.wantsMore, reads < Self.readsMax {
        let position = reader.next
        switch try reader.read() {
        case .record(let record, let next):
          let start = start(from: position, to: next)
          checkpoint.beganAt = checkpoint.beganAt ?? start
          guard filter.wants(record) else {
            checkpoint.counts.filtered += 1
            break
          }
          if !isBuried(record, .spool) {
            let place = PendingRecords.Place(position: start, origin: .spool)
            records.keep(record, at: place, queue.add(chat: record.chatKey))
          }
        case .damaged(let bytes, let segment, let reason, let next):
          damage.keep(bytes, in: segment, reason: reason, next: next)
          checkpoint.beganAt =
            checkpoint.beganAt ?? SpoolPosition(segment: segment.number, offset: 0)
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

  /// The first line of a segment that reading has gone on to stands at its beginning.
  private func start(from position: SpoolPosition, to next: SpoolPosition) -> SpoolPosition {
    next.segment == position.segment ? position : SpoolPosition(segment: next.segment, offset: 0)
  }

  /// Takes in what a person asked for.
  private func fillRequeued() {
    do {
      while queue.wantsMore {
        switch try requeue.next() {
        case .nothing: return
        case .began(let ids): buried.requeue(ids)
        case .damaged(let offset):
          log.error(
            "\(requeueFiles.path(requeue.progress.number)) holds no letter at byte \(offset)")
        case .letter(let letter, let offset):
          let place = PendingRecords.Place(
            position: SpoolPosition(segment: requeue.progress.number, offset: offset),
            origin: letter.isReplay ? .replay : .requeue)
          if place.origin == .requeue { checkpoint.counts.dead -= 1 }
          if !isBuried(letter.record, place.origin) {
            records.keep(letter.record, at: place, queue.add(chat: letter.record.chatKey))
          }
        }
        isChanged = true
      }
    } catch {
      log.error("unable to take in what was requeued: \(error)")
    }
  }

  /// Whether a letter of the record was written before a crash: then it counts as dead.
  private func isBuried(_ record: NoticeRecord, _ origin: Checkpoint.Origin) -> Bool {
    guard buried.take(record.id, origin) else { return false }
    if origin != .replay { checkpoint.counts.dead += 1 }
    isChanged = true
    return true
  }

  private func read(_ place: PendingRecords.Place) -> NoticeRecord? {
    let position = place.position
    do throws(SystemCallError) {
      switch place.origin {
      case .spool: return try reader.record(at: position)
      case .requeue, .replay:
        return try requeueFiles.letter(position.segment, at: position.offset)?.record
      }
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
        // What a person asks for once more is delivered once more.
        if records.origin(ticket) != .replay, duplicates?.isDuplicate(record) == true {
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
    attempts[AttemptResult(report.outcome), default: 0] += 1
    let verdict = queue.finish(
      report.ticket, report.outcome, now: milliseconds(), random: system.random())
    noteHealth(after: report.outcome)
    let isReplay = records.origin(report.ticket) == .replay
    switch verdict {
    case .pending: return
    case .delivered:
      if isReplay { checkpoint.counts.replayed += 1 } else { checkpoint.counts.delivered += 1 }
      remember(report.ticket)
    case .dead(let attempts):
      guard bury(report, attempts: attempts, isReplay: isReplay) else { return }
      if !isReplay { checkpoint.counts.dead += 1 }
    }
    records.forget(report.ticket)
  }

  /// A dead letter that cannot be written keeps everything waiting: it must not be lost. False where the sender is stopped
  /// meanwhile: then the message stays pending.
  private func bury(_ report: DeliveryReport, attempts: Int, isReplay: Bool) -> Bool {
    guard let record = records.record(report.ticket, reading: read) else { return true }
    log.warning("\(record.id) is given up after \(attempts) attempts: \(report.outcome)")
    while true {
      do {
        try deadLetters.append(
          record, attempts: attempts, outcome: report.outcome, isReplay: isReplay)
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
    if records.origin(ticket) != .replay { checkpoint.counts.lost += 1 }
    queue.drop(ticket)
    records.forget(ticket)
  }

  private func noteHealth(after outcome: DeliveryOutcome) {
    var until: Timestamp?
    if case .paused(let time, _) = queue.health.state { until = wall(time) }
    journal.note(queue.health.state, until: until, after: outcome, now: wall(milliseconds()))
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
    if needsCheckpoint { until = min(until, savedAt + checkpointPause) }
    return Int(max(0, until - now))
  }

  // MARK: The checkpoint

  private var isRequeueSettled: Bool { requeue.isAtEnd && records.requeued == 0 }
  private var needsCheckpoint: Bool { isChanged || isRequeueSettled }

  private func saveIfDue(_ now: Int64) {
    if needsCheckpoint, now - savedAt >= checkpointPause { save() }
  }

  /// A position is recorded only when all before it is durable: it can never lie beyond what survives a
  /// power cut.
  private func save() {
    savedAt = milliseconds()
    guard needsCheckpoint, reader.sync() else { return }
    defer {
      let pause = 9 * (milliseconds() - savedAt)
      let limits = Self.checkpointMilliseconds
      checkpointPause = min(max(pause, limits.lowerBound), limits.upperBound)
    }
    duplicates?.save()
    checkpoint.position = reader.next
    checkpoint.requeue = requeue.progress
    checkpoint.unsettled = records.places.map { ticket, place in
      let standing = queue.standing(of: ticket)
      return Checkpoint.Unsettled(
        position: place.position, origin: place.origin == .spool ? nil : place.origin,
        failures: standing.failures,
        firstFailureAt: standing.firstFailureAt.map(wall),
        nextAttemptAt: standing.nextAttemptAt.map(wall),
        othersDelivered: standing.othersDelivered ? true : nil)
    }
    checkpoint.updatedAt = wall(savedAt)
    do {
      try store.save(checkpoint)
      isChanged = false
      if isRequeueSettled { try requeue.savedSettled() }
      publish()
    } catch {
      log.error("unable to save the checkpoint: \(error)")
    }
  }

  private func publish() {
    report.withLock { report in
      report.segmentNeeded = checkpoint.segmentNeeded
      report.checkpoint = checkpoint
      report.isPaused = journal.health.state == .paused
      report.attempts = attempts
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
