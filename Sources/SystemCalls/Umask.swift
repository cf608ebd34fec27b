import Glibc

/// The process's umask: what it takes from group and others stays taken, of others everything, and of the owner nothing. So
/// no file is open to others, and none is made that its own maker cannot open again.
package enum Umask {
  private static let others: mode_t = 0o027
  private static let owner: mode_t = 0o700

  /// Before there is any thread.
  package static func settle() {
    let given = umask(others)
    umask(given & ~owner | others)
  }
}
