import Glibc
import SystemCalls

/// The lock between processes, with a bounded wait: whoever holds it longer than that (a process that was
/// stopped, say) loses it to the one that waits.
///
/// The lock is a `flock` on a file. It is taken away by putting a new file, already locked, in the file's
/// place. The one that lost it finds its own file without a name (``isStillHeld()``), and must
/// not count on anything that it did under the lock until it has looked.
///
/// The new file is not empty, and so says to everybody who gets the lock later that the loser may still be at work, until
/// somebody has seen to it that this does no harm (``settle()``): the one that took it away may end before it has.
///
/// Its size says how often in a row the lock was taken away, and each time the next waits twice as long: where a sync takes
/// seconds, a holder that is slow would lose the lock to others that are as slow, and none would ever finish.
struct SpoolLock {
  enum Acquisition {
    /// In the ordinary way: nobody else is at work.
    case granted
    /// From a holder that may still be at work, and will go on in whatever it had open.
    case takenAway
  }

  private let path: String
  private let waitNanosecondsMax: Int64
  private let system: any SystemCalls
  private var descriptor: Int32?

  /// Between two looks at a lock that is not free. Holding it takes some ten microseconds.
  private static let pauseNanoseconds: ClosedRange<Int64> = 20_000...1_000_000

  /// So often the wait is doubled: 2 s become 32.
  private static let doublingsMax = 4

  init(_ path: String, waitSecondsMax: Int, _ system: any SystemCalls) {
    self.path = path
    self.waitNanosecondsMax = Int64(waitSecondsMax) * 1_000_000_000
    self.system = system
  }

  mutating func acquire() throws(SystemCallError) -> Acquisition {
    do throws(SystemCallError) {
      return try wait()
    } catch {
      forget()
      throw error
    }
  }

  private mutating func wait() throws(SystemCallError) -> Acquisition {
    while true {
      let descriptor = try openFile(path)
      var pause = Self.pauseNanoseconds.lowerBound
      let start = system.monotonicNanoseconds()
      while try !system.flock(descriptor) {
        let status = try system.fstat(descriptor)
        guard status.links > 0 else { break }
        let thefts = min(status.size, Self.doublingsMax)
        let patience = waitNanosecondsMax << thefts
        let waited = system.monotonicNanoseconds() - start
        // Another one may have been stopped in the middle of taking it away.
        if waited > 2 * patience { try removeNext() }
        if waited > patience, try takeAway(thefts: thefts + 1) { break }
        system.sleep(nanoseconds: pause)
        pause = min(pause * 2, Self.pauseNanoseconds.upperBound)
      }
      let status = try system.fstat(self.descriptor ?? descriptor)
      if status.links > 0 { return status.size > 0 ? .takenAway : .granted }
      // The file has been replaced meanwhile; the lock on it is worth nothing.
      forget()
    }
  }

  /// Whether nobody took the lock away up to now: then nobody else wrote either.
  func isStillHeld() throws(SystemCallError) -> Bool {
    guard let descriptor else { return false }
    return try isCurrent(descriptor)
  }

  /// After this the lock is granted in the ordinary way again.
  func settle() throws(SystemCallError) {
    guard let descriptor else { return }
    try system.ftruncate(descriptor, to: 0)
  }

  mutating func release() {
    guard let descriptor else { return }
    do throws(SystemCallError) {
      try system.unlock(descriptor)
    } catch {
      forget()
    }
  }

  /// Closes the file, and with it gives the lock back.
  mutating func forget() {
    if let descriptor { system.closeLocked(descriptor) }
    descriptor = nil
  }

  private mutating func openFile(_ path: String) throws(SystemCallError) -> Int32 {
    if let descriptor { return descriptor }
    let opened = try system.open(
      path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    descriptor = opened
    return opened
  }

  private func isCurrent(_ descriptor: Int32) throws(SystemCallError) -> Bool {
    try system.fstat(descriptor).links > 0
  }

  private var next: String { path + ".next" }

  /// Whoever holds the new file and goes on later finds it without a name, also where it moves another's into place, and begins
  /// again; the other finds its own moved, and does the same.
  private func removeNext() throws(SystemCallError) {
    do throws(SystemCallError) {
      try system.unlink(next)
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
  }

  /// False where another one is just doing the same. The new file's name is fixed, so that of several who try only one
  /// gets the lock on it, and a crash in between leaves nothing that grows.
  private mutating func takeAway(thefts: Int) throws(SystemCallError) -> Bool {
    let replacement = try system.open(
      next, O_RDWR | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    do throws(SystemCallError) {
      guard try system.flock(replacement) else {
        system.close(replacement)
        return false
      }
      try system.ftruncate(replacement, to: thefts)
      try system.rename(next, to: path)
    } catch {
      system.close(replacement)
      // Another one has just moved it into place.
      if error.errno == ENOENT { return false }
      throw error
    }
    forget()
    descriptor = replacement
    return true
  }
}
