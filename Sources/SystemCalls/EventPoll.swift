private import CLinux
import Glibc

/// Descriptors that need no thread while they wait (epoll(7)). One that is ready is named to one of the threads that ask,
/// once, and then to nobody until it is armed again.
package final class EventPoll: Sendable {
  package enum Event: Sendable {
    /// There is something to read, or it has ended.
    case readable
    /// There is room to write, or it has ended.
    case writable

    fileprivate var bits: UInt32 {
      switch self {
      case .readable: UInt32(clinux_readable)
      case .writable: UInt32(clinux_writable)
      }
    }
  }

  /// Whether a poll that the descriptor is armed in would tell of it at once.
  package static func isReady(_ descriptor: Int32, for event: Event) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(event.bits), revents: 0)
    return unsafe poll(&entry, 1, 0) > 0
  }

  private let descriptor: Int32

  package init() throws(SystemCallError) {
    descriptor = clinux_epoll()
    guard descriptor >= 0 else { throw SystemCallError("epoll_create1", "") }
  }

  deinit { _ = close(descriptor) }

  /// Arms a descriptor for the first time. `number` is what it is called from then on.
  package func add(
    _ other: Int32, number: UInt64, for event: Event
  ) throws(SystemCallError) {
    guard clinux_epoll_add(descriptor, other, event.bits, UInt(number)) == 0 else {
      throw SystemCallError("epoll_ctl", "descriptor \(other)")
    }
  }

  /// Arms a descriptor again; of one that is ready already a thread is told at once.
  package func arm(_ other: Int32, number: UInt64, for event: Event) {
    // Of a descriptor that is there this asks for nothing that could be lacking.
    guard clinux_epoll_arm(descriptor, other, event.bits, UInt(number)) == 0 else {
      fatalError("unable to wait: \(SystemCallError("epoll_ctl", "descriptor \(other)"))")
    }
  }

  /// For a descriptor that stays open elsewhere: closing removes one as well.
  package func remove(_ other: Int32) {
    _ = clinux_epoll_remove(descriptor, other)
  }

  /// Waits for a descriptor to become ready; returns its number.
  package func next() -> UInt64 {
    var number: UInt = 0
    while unsafe clinux_epoll_wait(descriptor, &number) != 1 {
      guard errno == EINTR else {
        fatalError("unable to wait: \(SystemCallError("epoll_wait", ""))")
      }
    }
    return UInt64(number)
  }
}
