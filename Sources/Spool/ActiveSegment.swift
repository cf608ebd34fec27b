import Glibc
import Notice
import SystemCalls

/// The segment being written: which one it is, and the step to the next. Everything here is done under the lock.
///
/// `current.ndjson` names the active segment, and is durable before that segment exists. So no segment is ever
/// numbered higher than the one that `current.ndjson` names, and finding it takes one `readlink`, however many
/// files there are. Where the segment does not exist yet (a crash in between), it is made with that name.
///
/// A segment's own name is made durable before its first byte is written: a segment that has bytes needs
/// no directory sync from whoever writes to it next.
struct ActiveSegment {
  let name: SegmentName
  let descriptor: Int32

  static func open(
    in directory: SpoolDirectory, known: ActiveSegment?, syncing: Bool, _ system: any SystemCalls
  ) throws(SystemCallError) -> ActiveSegment? {
    guard let name = try directory.currentSegment(system) else { return nil }
    if let known, known.name == name { return known }
    do throws(SystemCallError) {
      return ActiveSegment(
        name: name,
        descriptor: try system.open(
          directory.segment(name), O_RDWR | O_APPEND | O_NOFOLLOW, mode: 0))
    } catch {
      guard error.errno == ENOENT else { throw error }
      return try make(name, in: directory, syncing: syncing, system)
    }
  }

  /// Begins a segment numbered above every other that is or was. Returns nil, with nothing changed that others look at,
  /// where the lock was taken away meanwhile.
  static func begin(
    in directory: SpoolDirectory, after previous: ActiveSegment?, lock: SpoolLock,
    syncing: Bool, _ system: any SystemCalls
  ) throws(SystemCallError) -> ActiveSegment? {
    try directory.create(system)
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    let name = SegmentName(number: try highestNumber(directory, system) + 1, createdAt: now)
    guard try pointCurrent(to: name, in: directory, lock: lock, system) else { return nil }
    if let previous { releaseReservation(of: previous, system) }
    return try make(name, in: directory, syncing: syncing, system)
  }

  func close(_ system: any SystemCalls) {
    system.close(descriptor)
  }

  /// Makes the segment that `current.ndjson` names already.
  private static func make(
    _ name: SegmentName, in directory: SpoolDirectory, syncing: Bool, _ system: any SystemCalls
  ) throws(SystemCallError) -> ActiveSegment {
    if syncing { try system.syncDirectory(directory.path) }
    let descriptor = try system.open(
      directory.segment(name), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW,
      mode: SpoolDirectory.fileMode)
    return ActiveSegment(name: name, descriptor: descriptor)
  }

  private static func highestNumber(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) -> Int {
    let present = try directory.segmentNames(system).last?.number ?? 0
    let archived = try system.list(directory.archive).compactMap(SegmentName.init).max()?.number
    let named = try directory.currentSegment(system)?.number
    return max(present, archived ?? 0, named ?? 0)
  }

  /// A writer that was stopped here and goes on after its lock was taken away must not turn `current.ndjson` back. It
  /// looks at its lock between making the link and moving it; and the link's name being fixed, what it moves
  /// after that is either nothing or the link of the writer that came after it.
  private static func pointCurrent(
    to name: SegmentName, in directory: SpoolDirectory, lock: SpoolLock, _ system: any SystemCalls
  ) throws(SystemCallError) -> Bool {
    let target = "segments/\(name)"
    do throws(SystemCallError) {
      try system.unlink(directory.currentNext)
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
    try system.symlink(target, at: directory.currentNext)
    guard try lock.isStillHeld() else { return false }
    do throws(SystemCallError) {
      try system.rename(directory.currentNext, to: directory.current)
      return true
    } catch {
      guard error.errno == ENOENT else { throw error }
      return try system.readlink(directory.current) == target
    }
  }

  /// Space behind the end of a file that grows no more. Failing costs only that space.
  private static func releaseReservation(of segment: ActiveSegment, _ system: any SystemCalls) {
    do throws(SystemCallError) {
      let size = try system.fstat(segment.descriptor).size
      try system.ftruncate(segment.descriptor, to: size)
    } catch {}
  }
}
