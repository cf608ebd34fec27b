import Glibc

/// Opens once and stays open, and tells it to every thread that asks or waits: a thread can wait for it
/// together with a descriptor.
package final class Latch: Sendable {
  /// Never cleared.
  private let wakeUp: WakeUp

  package init() throws(SystemCallError) {
    wakeUp = try WakeUp()
  }

  /// Readable once it is open.
  package var descriptor: Int32 { wakeUp.descriptor }

  package func open() { wakeUp.set() }

  package var isOpen: Bool { wait(milliseconds: 0) == .opened }

  package enum Wakeup: Equatable {
    /// The descriptor has something to read, or its end; and whether the latch is open as well.
    case readable(opened: Bool)
    case opened
    case timedOut

    package var isReadable: Bool { if case .readable = self { true } else { false } }
  }

  /// Waits for the latch, for `other` to become readable, or for the time to pass (nil: without end).
  package func wait(with other: Int32 = -1, milliseconds: Int32? = nil) -> Wakeup {
    // poll(2) leaves out a negative descriptor.
    var entries: InlineArray<2, pollfd> = [
      pollfd(fd: other, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      var span = entries.mutableSpan
      let count = unsafe span.withUnsafeMutableBufferPointer { entries in
        unsafe poll(entries.baseAddress, nfds_t(entries.count), milliseconds ?? -1)
      }
      switch count {
      case 0: return .timedOut
      case 1...:
        let opened = entries[1].revents != 0
        return entries[0].revents != 0 ? .readable(opened: opened) : .opened
      default:
        guard errno == EINTR || errno == ENOMEM else {
          fatalError("unable to poll: \(SystemCallError("poll", "descriptor \(other)"))")
        }
      }
    }
  }
}
