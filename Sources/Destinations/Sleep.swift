import Glibc

/// poll(2): sleeps until a descriptor is ready, or for a time.
enum Sleep {
  /// Returns which of the descriptors are ready or at their end. An interruption by a signal counts as the time's end.
  @discardableResult
  static func wait(
    milliseconds: Int, readable: [Int32], writable: [Int32] = []
  ) -> Set<Int32> {
    var entries =
      readable.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      + writable.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
    guard unsafe poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds)) > 0 else {
      return []
    }
    return Set(entries.lazy.filter { $0.revents != 0 }.map(\.fd))
  }
}
