import Delivery
import Logging
import Notice
import Spool
import SystemCalls

/// How far a lane has come, on disk and for those who ask.
extension Lane {
  var isRequeueSettled: Bool {
    requeue.isAtEnd && records.requeued == 0 && !unreadable.holdsRequeued
  }
  var needsCheckpoint: Bool { isChanged || isRequeueSettled }

  mutating func saveIfDue(_ now: Int64) {
    if needsCheckpoint, now - savedAt >= Self.checkpointMilliseconds { save() }
  }

  /// A position is recorded only when all before it is durable: it can never lie beyond what survives a
  /// power cut.
  mutating func save() {
    savedAt = milliseconds()
    guard needsCheckpoint, reader.sync() else { return }
    duplicates?.save()
    checkpoint.position = reader.next
    checkpoint.requeue = requeue.progress
    checkpoint.unsettled =
      records.places.map { ticket, place in unsettled(ticket, place) } + unreadable.records
    // Later than all letters that it counts: see ``BuriedLetters``.
    let lastLetterAt = Timestamp(milliseconds: lastLetterAt.milliseconds + 1)
    checkpoint.updatedAt = max(wall(savedAt), checkpoint.updatedAt, lastLetterAt)
    do {
      try store.save(checkpoint)
      isChanged = false
      deliveries.begin(after: checkpoint)
      if isRequeueSettled { try requeue.savedSettled() }
      publish()
    } catch {
      log.error("unable to save the checkpoint: \(error)")
    }
  }

  func unsettled(_ ticket: Int, _ place: PendingRecords.Place) -> Checkpoint.Unsettled {
    let standing = queue.standing(of: ticket)
    return Checkpoint.Unsettled(
      position: place.position, origin: place.origin == .spool ? nil : place.origin,
      failures: standing.failures,
      firstFailureAt: standing.firstFailureAt.map { wall($0) },
      nextAttemptAt: standing.nextAttemptAt.map { wall($0) },
      othersDelivered: standing.othersDelivered ? true : nil)
  }

  func publish() {
    report.withLock { report in
      report.segmentNeeded = checkpoint.segmentNeeded
      report.checkpoint = checkpoint
      report.isPaused = journal.health.state == .paused
      report.attempts = attempts
    }
  }
}
