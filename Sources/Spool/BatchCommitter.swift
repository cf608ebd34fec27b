import Glibc
import Notice
import SystemCalls

/// Brings a batch of lines into the spool: one `write` under the lock between processes, the lock given back, one
/// `fdatasync`. Used by one thread at a time.
///
/// Bytes up to and including a newline are final: readers may have them. So a short write is cut back to
/// its last newline, and a torn tail that another process left is cut off, both kept in quarantine.
struct BatchCommitter {
  /// How far a batch got: so many of its lines are durable; `error` says why not more.
  struct Outcome: Sendable {
    var linesCommitted: Int
    var error: SpoolWriteError?
  }

  private let directory: SpoolDirectory
  private let settings: SpoolSettings
  private let system: any SystemCalls
  private let quarantine: Quarantine
  private var lock: SpoolLock
  private var segment: ActiveSegment?
  /// The highest number of a segment that this process has had open.
  private var used: Int?
  /// The size at which this process left the segment, ending in a newline.
  private var cleanSize = 0
  /// The segment whose `fdatasync` failed, or that cannot be repaired or grow: nothing more is written to it.
  private var failed: SegmentName?
  private var reservation: Reservation
  /// The spool has been found to be this version's.
  private var hasKnownFormat = false

  /// How often a batch begins again because its lock was taken away or its segment's sync failed.
  private static let attemptsMax = 5
  /// A segment whose time lies further ahead was begun by a clock that was wrong, and might not be old for years.
  private static let aheadMillisecondsMax: Int64 = 86_400_000

  init(_ directory: SpoolDirectory, _ settings: SpoolSettings, _ system: any SystemCalls) {
    self.directory = directory
    self.settings = settings
    self.system = system
    reservation = Reservation(bytes: settings.reservationBytes)
    quarantine = Quarantine(.damaged, directory, settings, system)
    lock = SpoolLock(
      directory.lock, waitSecondsMax: settings.lockWaitSecondsMax, system)
  }

  /// `room`: bytes that there has to be room for, whether they are written or not.
  mutating func commit(_ bytes: [UInt8], lineEnds: [Int], room: Int = 0) -> Outcome {
    var lastError = SpoolWriteError.contended
    if let error = formatFault() { return Outcome(linesCommitted: 0, error: error) }
    for _ in 0..<Self.attemptsMax {
      do throws(SystemCallError) {
        guard let written = try write(bytes, room: room) else {
          syncOrphan()
          continue
        }
        try sync()
        let lines = lineEnds.prefix { $0 <= written.count }.count
        return Outcome(linesCommitted: lines, error: written.error.map(SpoolWriteError.init))
      } catch {
        lastError = SpoolWriteError(error)
        // Another segment may help against what is this one's fault; against all else, only time.
        guard let segment, segment.name == failed else {
          return Outcome(linesCommitted: 0, error: lastError)
        }
      }
    }
    return Outcome(linesCommitted: 0, error: lastError)
  }

  /// Looked for once: a later version takes a spool over while nobody writes to it.
  private mutating func formatFault() -> SpoolWriteError? {
    if hasKnownFormat { return nil }
    do throws(SystemCallError) {
      if let later = try SpoolFormat.later(in: directory, system) { return .laterFormat(later) }
    } catch {
      return SpoolWriteError(error)
    }
    hasKnownFormat = true
    return nil
  }

  /// What was written before the lock was given back: `count` bytes, whole lines; `error` says why not all.
  private struct Written {
    var count: Int
    var error: SystemCallError?
  }

  /// nil: the lock was taken away meanwhile, and nobody may ever read what was written.
  private mutating func write(_ bytes: [UInt8], room: Int) throws(SystemCallError) -> Written? {
    let acquisition = try acquireLock()
    defer { lock.release() }
    guard
      let end = try prepareSegment(for: bytes.count, mustBegin: acquisition == .takenAway),
      let segment
    else { return nil }
    if acquisition == .takenAway { try lock.settle() }
    let written = try append(bytes, room: room, to: segment, at: end)
    guard try lock.isStillHeld() else {
      cleanSize = -1
      return nil
    }
    cleanSize = written.error == nil ? end.size + written.count : -1
    return written
  }

  /// The first call in a directory that has no spool yet makes one.
  private mutating func acquireLock() throws(SystemCallError) -> SpoolLock.Acquisition {
    do throws(SystemCallError) {
      return try lock.acquire()
    } catch {
      guard error.errno == ENOENT else { throw error }
      try directory.create(system)
      return try lock.acquire()
    }
  }

  private mutating func sync() throws(SystemCallError) {
    guard settings.durability == .sync, let segment else { return }
    do throws(SystemCallError) {
      try system.fdatasync(segment.descriptor)
    } catch {
      failed = segment.name
      throw error
    }
  }

  /// What was written while the lock was lost is read by some. It is written again, and made durable before: after a power cut
  /// that left its second half only, that half would come before the first.
  private func syncOrphan() {
    guard settings.durability == .sync, let segment else { return }
    do throws(SystemCallError) {
      try system.fdatasync(segment.descriptor)
    } catch {
      // Then it is as with any sync that fails: what is written again counts.
    }
  }

  /// Makes the segment's own name durable.
  private mutating func syncName() throws(SystemCallError) {
    guard settings.durability == .sync else { return }
    do throws(SystemCallError) {
      try system.syncDirectory(directory.segments)
    } catch {
      failed = segment?.name
      throw error
    }
  }

  // MARK: The segment

  /// Where the next line begins, and up to where space is reserved.
  private struct End {
    var size = 0
    var allocated = 0
  }

  /// Finds the active segment, or begins one, clean and not too full for `count` bytes; returns its end, or nil where
  /// the lock was taken away.
  private mutating func prepareSegment(
    for count: Int, mustBegin: Bool
  ) throws(SystemCallError) -> End? {
    let status = try findSegment()
    var end = End()
    var mustBegin = mustBegin || segment?.name == failed
    if !mustBegin, let segment, let status {
      end = try cleanTail(of: segment, status)
      let now = system.realtimeNanoseconds() / 1_000_000
      mustBegin =
        end.size > 0 && Self.isFull(segment, size: end.size + count, settings, milliseconds: now)
    }
    if mustBegin || segment == nil {
      guard try beginSegment() else { return nil }
      end = End()
    }
    if end.size == 0 { try syncName() }
    return end
  }

  /// Sees to it that `segment` is the active one; returns its status, or nil where there is none.
  private mutating func findSegment() throws(SystemCallError) -> FileStatus? {
    if let segment, let status = try segment.statusWhileCurrent(in: directory, system) {
      return status
    }
    let found = try ActiveSegment.open(in: directory, isFirst: segment == nil, system)
    use(found, cleanSize: -1)
    guard let found else { return nil }
    return try system.fstat(found.descriptor)
  }

  private mutating func beginSegment() throws(SystemCallError) -> Bool {
    let next = try ActiveSegment.begin(
      in: directory, after: segment, used: used, lock: lock,
      syncing: settings.durability != .none, system)
    guard let next else { return false }
    use(next, cleanSize: 0)
    return true
  }

  private mutating func use(_ next: ActiveSegment?, cleanSize: Int) {
    segment?.close(system)
    segment = next
    if let number = next?.name.number { used = max(used ?? 0, number) }
    self.cleanSize = cleanSize
  }

  /// A method of the instance would copy it, with all that it holds, for each batch.
  private static func isFull(
    _ segment: ActiveSegment, size: Int, _ settings: SpoolSettings, milliseconds now: Int64
  ) -> Bool {
    let age = now - segment.name.createdAt.milliseconds
    return size > settings.segmentBytesMax || age >= Int64(settings.segmentSecondsMax) * 1000
      || age <= -aheadMillisecondsMax
  }

  /// The end of the segment after its last newline: what stands behind that is cut off.
  private mutating func cleanTail(
    of segment: ActiveSegment, _ status: FileStatus
  ) throws(SystemCallError) -> End {
    let size = status.size
    if size == cleanSize || size == 0 { return End(size: size, allocated: status.allocated) }
    do throws(SystemCallError) {
      let end = try system.lineEnd(of: segment.descriptor, size: size)
      if end == size { return End(size: size, allocated: status.allocated) }
      try TornTail.cut(
        segment, from: end, to: size, reason: "a writer ended before it finished this line",
        quarantine, system)
      // What was reserved behind went with it.
      return End(size: end, allocated: end)
    } catch {
      // Intake goes on in another segment; readers keep the torn bytes of this one.
      failed = segment.name
      throw error
    }
  }

  // MARK: Bytes

  private mutating func append(
    _ bytes: [UInt8], room: Int, to segment: ActiveSegment, at end: End
  ) throws(SystemCallError) -> Written {
    let size = end.size
    var count = 0
    do throws(SystemCallError) {
      try reservation.ensure(
        max(bytes.count, room), behind: size, allocated: end.allocated, in: segment, system)
      try system.writeAll(segment.descriptor, bytes, written: &count)
      return Written(count: count)
    } catch {
      // A file that may not grow (`RLIMIT_FSIZE`) keeps nothing from going into the next one.
      if error.errno == EFBIG && size > 0 { failed = segment.name }
      if count == 0 { throw error }
      let whole = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      if whole < count {
        try TornTail.cut(
          segment, from: size + whole, to: size + count,
          reason: "the rest could not be written: \(error)", quarantine, system)
      }
      if whole == 0 { throw error }
      return Written(count: whole, error: error)
    }
  }
}
