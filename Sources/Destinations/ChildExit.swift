import Glibc
import SystemCalls

/// A child's end, as a descriptor that can be waited for together with others. The child is not reaped, so that its
/// number stays its own until ``join()``.
final class ChildExit {
  private let latch: Latch
  private let thread: WorkerThread

  init(of identifier: pid_t) throws(SystemCallError) {
    let latch = try Latch()
    self.latch = latch
    thread = try WorkerThread(name: "child-exit") {
      var info = unsafe siginfo_t()
      while unsafe waitid(P_PID, id_t(identifier), &info, WEXITED | WNOWAIT) == -1,
        errno == EINTR
      {}
      latch.open()
    }
  }

  /// Readable once the child has ended.
  var descriptor: Int32 { latch.descriptor }
  var hasCome: Bool { latch.isOpen }

  /// Returns when the child has ended. To be called once.
  func join() { thread.join() }
}
