import Delivery
import Destinations
import Logging
import Notice
import Spool
import SystemCalls

/// Attempts, and what becomes of their messages.
extension Lane {
  /// Begins what waits only for what has just ended, and hands it over before more is read, which takes longer.
  mutating func startAtOnce(_ now: Int64) {
    let before = inFlight
    _ = start(now)
    if inFlight > before { waitForReports(milliseconds: 0, wakeUps: []) }
  }

  /// Works on what is under way until something ends, and looks whether to stop: then nothing is read any more, as a message
  /// that could not be buried for it has the place that it had.
  mutating func waitForReports(milliseconds: Int, wakeUps: [Int32]) {
    destination.wait(milliseconds: milliseconds, wakeUps: wakeUps, into: &reports)
    finishReported()
    if stoppedAt == nil, stop.isOpen { stoppedAt = self.milliseconds() }
  }

  /// Begins what may begin; returns when there is more to begin, nil: when something happens.
  mutating func start(_ now: Int64) -> Int64? {
    while true {
      if records.isFull, inFlight > 0 { return nil }
      switch queue.next(now: now) {
      case .idle(let until): return until
      case .attempt(let ticket):
        if let record = record(ticket) {
          inFlight += 1
          destination.begin(DeliveryAttempt(ticket: ticket, record: record))
        }
      }
    }
  }

  /// The record, to be tried; nil: there is none to try, and that is taken care of.
  private mutating func record(_ ticket: Int) -> NoticeRecord? {
    guard let record = records.take(ticket) ?? readAgain(ticket) else { return nil }
    // What a person asks for once more is delivered once more.
    if duplicates?.isDuplicate(record) == true, records.place(ticket)?.origin != .replay {
      leaveOut(ticket)
      return nil
    }
    return record
  }

  private mutating func readAgain(_ ticket: Int) -> NoticeRecord? {
    do throws(SystemCallError) {
      if let place = records.place(ticket), let record = try read(place) {
        records.keep(record, ofTicket: ticket)
        return records.take(ticket)
      }
      lose(ticket)
    } catch {
      putAside(ticket, error)
    }
    return nil
  }

  private mutating func finishReported() {
    if reports.isEmpty { return }
    isChanged = true
    let now = milliseconds()
    for index in reports.indices { finish(reports[index], now) }
    reports.removeAll(keepingCapacity: true)
    deliveries.write()
  }

  private mutating func finish(_ report: DeliveryReport, _ now: Int64) {
    inFlight -= 1
    attempts[AttemptResult(report.outcome)] += 1
    let verdict = queue.finish(report.ticket, report.outcome, now: now, random: system.random())
    noteHealth(after: report.outcome)
    switch verdict {
    case .pending: records.keep(report.attempt.record, ofTicket: report.ticket)
    case .delivered:
      guard let place = records.forget(report.ticket) else { return }
      deliveries.delivered(report.attempt.record, at: place)
      count(delivered: report.attempt.record, place.origin)
      reader.giveBack(report.attempt.record)
    case .dead(let attempts):
      guard let origin = records.place(report.ticket)?.origin,
        bury(report, attempts: attempts, origin)
      else { return }
      records.forget(report.ticket)
    }
  }

  mutating func count(delivered record: NoticeRecord, _ origin: Checkpoint.Origin) {
    switch origin {
    case .spool, .requeue: checkpoint.counts.delivered += 1
    case .replay: checkpoint.counts.replayed += 1
    }
    duplicates?.delivered(record)
  }

  /// A dead letter that cannot be written keeps everything waiting: it must not be lost. False where the sender is stopped
  /// meanwhile: then the message stays pending.
  mutating func bury(_ report: DeliveryReport, attempts: Int, _ origin: Checkpoint.Origin) -> Bool {
    let record = report.attempt.record
    log.warning("\(record.id) is given up after \(attempts) attempts: \(report.outcome)")
    if origin == .spool, buried.hasLetter(of: record.id) {
      // It stood in the spool twice: one letter is enough.
      checkpoint.counts.filtered += 1
      return true
    }
    // No earlier than the checkpoint, which does not count it, also where the clock was turned back: see ``BuriedLetters``.
    lastLetterAt = max(lastLetterAt, checkpoint.updatedAt, wall(milliseconds()))
    while true {
      do {
        try deadLetters.append(
          record, attempts: attempts, outcome: report.outcome, isReplay: origin == .replay,
          at: lastLetterAt)
        if origin != .replay {
          buried.buried(record.id)
          checkpoint.counts.dead += 1
        }
        return true
      } catch {
        log.error("unable to write the dead letter \(record.id), trying again: \(error)")
        for _ in 0..<10 {
          if stop.isOpen { return false }
          system.sleep(nanoseconds: 100_000_000)
        }
      }
    }
  }

  /// The destination has it already.
  mutating func leaveOut(_ ticket: Int) {
    isChanged = true
    checkpoint.counts.filtered += 1
    queue.drop(ticket)
    records.forget(ticket)
  }

  mutating func lose(_ ticket: Int) {
    log.error("a pending record cannot be read any more and is passed over")
    if records.place(ticket)?.origin != .replay { checkpoint.counts.lost += 1 }
    queue.drop(ticket)
    records.forget(ticket)
  }

  mutating func noteHealth(after outcome: DeliveryOutcome) {
    var until: Timestamp?
    if case .paused(let time, _) = queue.health.state { until = wall(time) }
    journal.note(queue.health.state, until: until, after: outcome)
  }
}
