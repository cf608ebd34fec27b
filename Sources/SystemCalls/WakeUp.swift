private import CLinux
import Glibc

/// Wakes a thread that polls descriptors, from any other thread; any number of times before it looks count as one.
package final class WakeUp: Sendable {
  /// Readable from ``set()`` to ``clear()``.
  package let descriptor: Int32

  package init() throws(SystemCallError) {
    descriptor = clinux_eventfd()
    guard descriptor >= 0 else { throw SystemCallError("eventfd", "") }
  }

  deinit {
    _ = close(descriptor)
  }

  /// eventfd(2): adds to a counter, which a read takes back to 0. Neither blocks.
  package func set() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  package func clear() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
