/// A system call that a ``SimulatedProcess`` is about to do.
package struct SimulatedCall: Sendable, CustomStringConvertible {
  package enum Name: String, Sendable {
    case open, pread, write, fsync, fdatasync, ftruncate, fallocate, fstat, stat, lstat
    case flock, unlock, rename, unlink, symlink, readlink, mkdir, chmod, list
  }

  package let name: Name
  /// What it is about; of a descriptor, the path that it was opened by; of a rename, the new one.
  package let path: String
  /// The size that a truncation leaves, or the bytes that a write is given; 0 of all others.
  package var bytes = 0

  package var description: String { "\(name.rawValue) \(path)" }

  /// What becomes of it instead of what should.
  package enum Action: Sendable {
    case proceed
    case fail(errno: Int32)
    /// A read or write of so many bytes at most.
    case limit(bytes: Int)
    /// Nothing is done, and success is told.
    case lie
    /// A truncation leaves so many bytes.
    case truncate(to: Int)
    /// The process ends, in a write after a part of it.
    case kill
    /// The power fails, in a write after a part of it.
    case cutPower
  }
}
