import Delivery
import Logging
import Notice
import Spool
import SystemCalls

/// What cannot be read at the moment stays pending, its file stays, and all else goes on without it. It is tried again at
/// every start and once a minute.
extension Lane {
  /// How long reading waits for a segment before it goes on behind it, which costs the order of its chats. In the mode
  /// `once` it is read ``rereadsMax`` times more, a second later.
  static let unreadableMilliseconds: Int64 = 30_000
  /// How often what could not be read is tried again.
  static let unreadableRetryMilliseconds: Int64 = 60_000

  // MARK: Segments

  /// The spool cannot be read on. Returns whether reading goes on all the same: once more, or behind the segment whose fault
  /// it is.
  mutating func passOver(_ error: SystemCallError) -> Bool {
    let now = milliseconds()
    let segment = reader.next.segment
    if unreadable.failing?.segment != segment {
      unreadable.failing = (segment, since: now)
      log.error("unable to read the spool: \(error)")
    }
    if mode == .once, unreadable.rereads > 0 {
      unreadable.rereads -= 1
      system.sleep(nanoseconds: 1_000_000_000)
      return true
    }
    // What the process lacks, it lacks for the next segment as well.
    guard let since = unreadable.failing?.since, !error.isExhaustion, !error.isMissing,
      mode == .once || now - since >= Self.unreadableMilliseconds,
      let gap = try? reader.passOver()
    else { return false }
    unreadable.failing = nil
    log.error(
      "segment \(gap.segment) is passed over from byte \(gap.offset) on; its records stay pending until it can be read: \(error)"
    )
    checkpoint.unread = (checkpoint.unread ?? []) + [gap]
    checkpoint.beganAt = checkpoint.beganAt ?? gap
    isChanged = true
    return true
  }

  /// Takes up what was passed over, as far as it can be read by now.
  mutating func fillUnread() {
    let now = milliseconds()
    if !unreadable.isTakingUp {
      guard now >= unreadable.due else { return }
      unreadable.due = now + Self.unreadableRetryMilliseconds
      restoreUnreadable(now)
      unreadable.round = (checkpoint.unread ?? [])[...]
    }
    var reads = 0
    while unreadable.isTakingUp, queue.wantsMore, reads < Self.readsMax {
      if unreadable.reader == nil, let gap = unreadable.round.popFirst() {
        unreadable.reader = SpoolReader(directory, from: gap, system)
        unreadable.segment = gap.segment
      }
      do throws(SystemCallError) {
        try takeUpNext()
      } catch {
        unreadable.reader = nil
      }
      reads += 1
    }
  }

  /// Reads one thing of a segment that was passed over, or finds its end.
  private mutating func takeUpNext() throws(SystemCallError) {
    let segment = unreadable.segment
    guard let position = unreadable.reader?.next, let reading = try unreadable.reader?.read(),
      let next = unreadable.reader?.next
    else { return }
    if Self.isPart(reading, of: segment) { take(reading, from: position) }
    var unread = checkpoint.unread ?? []
    unread.removeAll { $0.segment == segment }
    if next.segment == segment {
      if case .end = reading {
        unreadable.reader = nil
      }
      unread.append(next)
    } else {
      log.notice("segment \(segment), passed over before, is read to its end")
      unreadable.reader = nil
    }
    isChanged = true
    checkpoint.unread = unread.isEmpty ? nil : unread.sorted()
  }

  /// What stands behind a segment is read by others.
  private static func isPart(_ reading: SpoolReader.Reading, of segment: Int) -> Bool {
    switch reading {
    case .record(_, let next): next.segment == segment
    case .damaged(_, let name, _, _): name.number == segment
    case .missing: true
    case .end: false
    }
  }

  // MARK: Single records

  /// An attempt was to begin.
  mutating func putAside(_ ticket: Int, _ error: SystemCallError) {
    if let place = records.place(ticket) { putAside(unsettled(ticket, place), error) }
    queue.drop(ticket)
    records.forget(ticket)
    isChanged = true
  }

  /// It is nobody's fault that could be judged by tries: it waits until it can be read.
  mutating func putAside(_ item: Checkpoint.Unsettled, _ error: SystemCallError) {
    log.error("unable to read the pending record at \(item.position), it stays pending: \(error)")
    unreadable.records.append(item)
  }

  private mutating func restoreUnreadable(_ now: Int64) {
    let items = unreadable.records
    unreadable.records = []
    var rereads = 0
    for item in items { restore(item, now, &rereads) }
  }
}
