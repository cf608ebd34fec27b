import Delivery
import Logging
import Notice
import Spool
import SystemCalls

/// Where a lane's messages come from: an earlier run, the spool, and what a person asked for.
extension Lane {
  func restore() {
    let now = milliseconds()
    for item in checkpoint.unsettled.sorted(by: { $0.position < $1.position }) {
      let place = PendingRecords.Place(position: item.position, origin: item.origin ?? .spool)
      guard let record = read(place) else {
        log.error("the record at \(item.position) was pending and is not there any more")
        if place.origin != .replay { checkpoint.counts.lost += 1 }
        isChanged = true
        continue
      }
      if isSettled(record, place) { continue }
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
  func fill() {
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
          let place = PendingRecords.Place(position: start, origin: .spool)
          if isSettled(record, place) {
            break
          } else if filter.wants(record) {
            records.keep(record, at: place, queue.add(chat: record.chatKey))
          } else {
            checkpoint.counts.filtered += 1
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
  func start(from position: SpoolPosition, to next: SpoolPosition) -> SpoolPosition {
    next.segment == position.segment ? position : SpoolPosition(segment: next.segment, offset: 0)
  }

  /// Takes in what a person asked for.
  func fillRequeued() {
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
          if !isSettled(letter.record, place) {
            records.keep(letter.record, at: place, queue.add(chat: letter.record.chatKey))
          }
        }
        isChanged = true
      }
    } catch {
      log.error("unable to take in what was requeued: \(error)")
    }
  }

  /// Whether the record was given up or delivered before a crash, after the last checkpoint: then it counts as that.
  func isSettled(_ record: NoticeRecord, _ place: PendingRecords.Place) -> Bool {
    if buried.take(record.id, place.origin) {
      if place.origin != .replay { checkpoint.counts.dead += 1 }
    } else if deliveries.take(record, at: place) {
      count(delivered: record, place.origin)
    } else {
      return false
    }
    isChanged = true
    return true
  }

  func read(_ place: PendingRecords.Place) -> NoticeRecord? {
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
}
