import Delivery
import Logging
import Notice
import Spool
import SystemCalls

/// Where a lane's messages come from: an earlier run, the spool, and what a person asked for.
extension Lane {
  mutating func restore() {
    let now = milliseconds()
    var rereads = Self.rereadsMax
    for item in checkpoint.unsettled.sorted(by: { $0.position < $1.position }) {
      restore(item, now, &rereads)
    }
  }

  mutating func restore(_ item: Checkpoint.Unsettled, _ now: Int64, _ rereads: inout Int) {
    let place = PendingRecords.Place(position: item.position, origin: item.origin ?? .spool)
    do throws(SystemCallError) {
      guard let record = try patientlyRead(place, &rereads) else {
        log.error("the record at \(item.position) was pending and is not there any more")
        if place.origin != .replay { checkpoint.counts.lost += 1 }
        isChanged = true
        return
      }
      if isSettled(record, place) { return }
      let ticket = queue.restore(
        chat: chat(of: record),
        DeliveryQueue.Standing(
          failures: item.failures,
          // The clock may have been set back since: nothing waits for it longer than it would have.
          firstFailureAt: item.firstFailureAt.map { min(monotonic($0), now) },
          nextAttemptAt: item.nextAttemptAt.map {
            min(monotonic($0), now + RetrySchedule.delayMax(afterFailures: item.failures))
          },
          othersDelivered: item.othersDelivered ?? false),
        now: now)
      records.keep(record, at: place, ticket)
    } catch {
      putAside(item, error)
    }
  }

  private func chat(of record: NoticeRecord) -> ChatKey? {
    let line = record.line
    if let range = record.chatKeyRange { return ChatKey(line.span.extracting(range)) }
    return record.chatKey.map { ChatKey(Array($0.utf8).span) }
  }

  /// What fails now may succeed in a moment; so many moments are waited for, by all records together.
  private mutating func patientlyRead(
    _ place: PendingRecords.Place, _ rereads: inout Int
  ) throws(SystemCallError) -> NoticeRecord? {
    while true {
      do throws(SystemCallError) {
        return try read(place)
      } catch {
        guard rereads > 0 else { throw error }
        rereads -= 1
        system.sleep(nanoseconds: 1_000_000_000)
      }
    }
  }

  /// Reads on as far as there may be something to try.
  mutating func fill() {
    var reads = 0
    atEnd = false
    hasFailedToRead = false
    fillUnread()
    fillRequeued()
    do throws(SystemCallError) {
      while queue.wantsMore, !unreadable.isTakingUp, reads < Self.readsMax {
        let position = reader.next
        let reading = try reader.read()
        unreadable.failing = nil
        if case .end = reading {
          atEnd = true
          isChanged = isChanged || reader.next != position
          return
        }
        take(reading, from: position)
        reads += 1
      }
    } catch {
      atEnd = !passOver(error)
      hasFailedToRead = atEnd
    }
  }

  mutating func take(_ reading: SpoolReader.Reading, from position: SpoolPosition) {
    isChanged = true
    switch reading {
    case .record(let record, let next):
      let start = start(from: position, to: next)
      checkpoint.beganAt = checkpoint.beganAt ?? start
      let place = PendingRecords.Place(position: start, origin: .spool)
      if isSettled(record, place) {
        return
      } else if filter.wants(record) {
        records.keep(record, at: place, queue.add(chat: chat(of: record)))
      } else {
        checkpoint.counts.filtered += 1
      }
    case .damaged(let bytes, let segment, let reason, let next):
      damage.keep(bytes, in: segment, reason: reason, next: next)
      checkpoint.beganAt = checkpoint.beganAt ?? SpoolPosition(segment: segment.number, offset: 0)
      checkpoint.counts.damaged += 1
    case .missing(let reason, _): log.error("\(reason)")
    case .end: break
    }
  }

  /// The first line of a segment that reading has gone on to stands at its beginning.
  func start(from position: SpoolPosition, to next: SpoolPosition) -> SpoolPosition {
    next.segment == position.segment ? position : SpoolPosition(segment: next.segment, offset: 0)
  }

  /// Takes in what a person asked for.
  mutating func fillRequeued() {
    do {
      while queue.wantsMore {
        switch try requeue.next() {
        case .nothing: return
        case .began(let ids): buried.requeue(ids)
        case .damaged(let bytes, let offset, let letters):
          // First there, as this file goes when all in it is settled.
          try deadLetters.requeue(letters)
          damage.keep(bytes, of: requeueFiles.path(requeue.progress.number), at: offset)
        case .letter(let letter, let offset):
          let place = PendingRecords.Place(
            position: SpoolPosition(segment: requeue.progress.number, offset: offset),
            origin: letter.isReplay ? .replay : .requeue)
          if place.origin == .requeue { checkpoint.counts.dead -= 1 }
          if !isSettled(letter.record, place) {
            records.keep(letter.record, at: place, queue.add(chat: chat(of: letter.record)))
          }
        }
        isChanged = true
      }
    } catch {
      log.error("unable to take in what was requeued: \(error)")
      hasFailedToRead = true
    }
  }

  /// Whether the record was given up or delivered before a crash, after the last checkpoint: then it counts as that. One that
  /// stands in the spool once more and lies among the dead already is passed over.
  mutating func isSettled(_ record: NoticeRecord, _ place: PendingRecords.Place) -> Bool {
    let meeting = buried.meet(record.id, place.origin)
    if meeting == .died {
      if place.origin != .replay { checkpoint.counts.dead += 1 }
    } else if meeting == .copy {
      checkpoint.counts.filtered += 1
    } else if deliveries.take(record, at: place) {
      count(delivered: record, place.origin)
    } else {
      return false
    }
    isChanged = true
    return true
  }

  /// nil: it is not there any more.
  mutating func read(_ place: PendingRecords.Place) throws(SystemCallError) -> NoticeRecord? {
    let position = place.position
    switch place.origin {
    case .spool: return try reader.record(at: position)
    case .requeue, .replay:
      do throws(SystemCallError) {
        return try requeueFiles.letter(position.segment, at: position.offset)?.record
      } catch {
        guard error.isMissing else { throw error }
        return nil
      }
    }
  }
}
