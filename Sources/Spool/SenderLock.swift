import Glibc
package import SystemCalls

/// The lock that one sender holds on a spool for as long as it runs.
package enum SenderLock {
  package static func acquire(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws -> FileLock {
    do {
      return try FileLock.acquire(path(directory), system)
    } catch {
      guard let held = error as? FileLock.Held else { throw error }
      throw FileLock.Held(
        description: "\(held): another sender works on this spool; stop it first, or leave it to it"
      )
    }
  }

  /// The process that holds it, as the kernel tells (proc(5), `/proc/locks`); nil: none that can be seen from here. Looking
  /// does not take the lock: a sender that is just starting would find it held.
  package static func holder(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) -> Int? {
    let inode: UInt64
    do throws(SystemCallError) {
      inode = try system.lstat(path(directory)).inode
    } catch {
      guard error.errno == ENOENT else { throw error }
      return nil
    }
    // "1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF"
    let lines = try LineSource(path: "/proc/locks", system)
    while let line = try lines.next() {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count >= 6, words[1] == "FLOCK", let holder = Int(words[4]), holder > 0,
        words[5].split(separator: ":").last == "\(inode)"
      else { continue }
      return holder
    }
    return nil
  }

  private static func path(_ directory: SpoolDirectory) -> String { "\(directory.state)/lock" }
}
