import Glibc
import Notice
import SystemCalls

/// The segment being written: which one it is, and the step to the next. Everything here is done under the lock.
///
/// `current.ndjson` names the active segment, and is durable before that segment exists. So no segment is ever
/// numbered higher than the one that `current.ndjson` names, and finding it takes one `readlink`, however many
/// files there are; to see that it still is the one, one `stat` through the link. Where the segment is not there (a crash
/// in between, or somebody took it away), the next is begun.
///
/// A segment's own name is made durable before its first byte is written: a segment that has bytes needs
/// no directory sync from whoever writes to it next.
struct ActiveSegment {
  let name: SegmentName
  let descriptor: Int32
  /// The file that the descriptor is open on, to be told from one that has its name.
  private let inode: UInt64

  private init(
    _ name: SegmentName, in directory: SpoolDirectory, making: Int32 = 0, _ system: any SystemCalls
  ) throws(SystemCallError) {
    self.name = name
    let descriptor = try system.open(
      directory.segment(name), O_RDWR | O_APPEND | O_NOFOLLOW | making,
      mode: SpoolDirectory.fileMode)
    do throws(SystemCallError) {
      let status = try system.fstat(descriptor)
      // Nothing else is ever written to.
      guard status.isRegularFile else {
        throw SystemCallError("open", directory.segment(name), errno: EINVAL)
      }
      inode = status.inode
    } catch {
      system.close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  /// nil where there is none, or none that can be written: intake goes on in the next. `isFirst`: this process has had none
  /// open before.
  static func open(
    in directory: SpoolDirectory, isFirst: Bool, _ system: any SystemCalls
  ) throws(SystemCallError) -> ActiveSegment? {
    guard let name = try directory.currentSegment(system) else { return nil }
    // A link that was turned back (a backup put in place, a power cut without syncing) names a segment that readers are
    // done with. Once for a process is enough: nobody here turns it back.
    if isFirst, let highest = try? directory.highestSegment(system),
      highest.number > name.number
    {
      return nil
    }
    do throws(SystemCallError) {
      return try ActiveSegment(name, in: directory, system)
    } catch {
      guard !error.isExhaustion else { throw error }
      return nil
    }
  }

  /// Its status, by one call; nil where `current.ndjson` leads elsewhere or nowhere: to another's next segment, or because
  /// somebody removed or moved this one by hand, where what is written would be lost to all readers.
  func statusWhileCurrent(
    in directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) -> FileStatus? {
    do throws(SystemCallError) {
      let status = try system.stat(directory.current)
      // The number of a file that is open is no other's.
      return status.inode == inode ? status : nil
    } catch {
      guard !error.isExhaustion else { throw error }
      return nil
    }
  }

  /// Begins a segment numbered above every other that is or was; `used`: the highest that this process has had open. Returns nil, with nothing changed that others look at,
  /// where the lock was taken away meanwhile.
  static func begin(
    in directory: SpoolDirectory, after previous: ActiveSegment?, used: Int?,
    lock: SpoolLock, syncing: Bool, _ system: any SystemCalls
  ) throws(SystemCallError) -> ActiveSegment? {
    try directory.create(system)
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    let highest = try highestNumber(directory, used: used, system)
    let name = SegmentName(number: highest + 1, createdAt: now)
    guard try pointCurrent(to: name, in: directory, lock: lock, system) else { return nil }
    if let previous { releaseReservation(of: previous, system) }
    if syncing {
      // Also where another process made the directories and did not live to sync them.
      try system.syncDirectory(directory.parent)
      try system.syncDirectory(directory.path)
    }
    return try ActiveSegment(name, in: directory, making: O_CREAT | O_EXCL, system)
  }

  func close(_ system: any SystemCalls) {
    system.close(descriptor)
  }

  /// The archive, which may be large, is looked through once, and where link and segments are gone.
  private static func highestNumber(
    _ directory: SpoolDirectory, used: Int?, _ system: any SystemCalls
  ) throws(SystemCallError) -> Int {
    let present = try directory.highestSegment(system)?.number ?? 0
    let named = try directory.currentSegment(system)?.number
    if let named, let used { return max(present, named, used) }
    let archived = try system.list(directory.archive).compactMap(SegmentName.init).max()?.number
    return max(present, archived ?? 0, named ?? 0, used ?? 0)
  }

  /// A writer that was stopped here and goes on after its lock was taken away must not turn `current.ndjson` back. It
  /// looks at its lock between making the link and moving it; and the link's name being fixed, what it moves
  /// after that is either nothing or the link of the writer that came after it. So who moved which link is seen only
  /// afterwards: a segment is made by the one whose link is in place while it still has the lock. Otherwise
  /// two segments might get the same number.
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
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
    guard try system.readlink(directory.current) == target else { return false }
    return try lock.isStillHeld()
  }

  /// Space behind the end of a file that grows no more. Failing costs only that space.
  private static func releaseReservation(of segment: ActiveSegment, _ system: any SystemCalls) {
    do throws(SystemCallError) {
      let size = try system.fstat(segment.descriptor).size
      try system.ftruncate(segment.descriptor, to: size)
    } catch {}
  }
}
