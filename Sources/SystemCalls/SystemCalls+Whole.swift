import Glibc

extension SystemCalls {
  /// Makes the names in a directory durable.
  package func syncDirectory(_ path: String) throws(SystemCallError) {
    let descriptor = try open(path, O_RDONLY | O_DIRECTORY, mode: 0)
    defer { close(descriptor) }
    try fsync(descriptor)
  }

  /// A new file in the place of whatever has that name: a link that somebody put there is not followed.
  package func openNew(_ path: String, mode: UInt32) throws(SystemCallError) -> Int32 {
    do throws(SystemCallError) {
      try unlink(path)
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
    return try open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
  }

  /// Closes a file that was locked, and gives the lock back first: closing alone leaves it with a child that another thread has
  /// forked and that has not come to its exec yet.
  package func closeLocked(_ descriptor: Int32) {
    try? unlock(descriptor)
    close(descriptor)
  }

  /// Writes all of `bytes` by as many calls as it takes. `written` counts what was taken, also where one fails.
  package func writeAll(
    _ descriptor: Int32, _ bytes: [UInt8], written: inout Int
  ) throws(SystemCallError) {
    while written < bytes.count {
      written += try write(descriptor, bytes.span.extracting(written...))
    }
  }
}
