private import CLinux
import Glibc

/// A thread with a small stack that blocks every signal: a signal goes to the thread that waits for it
/// and never cuts a read short elsewhere.
package struct WorkerThread: Sendable {
  private let identifier: pthread_t

  /// 256 KiB: no code here recurses.
  package static let stackBytes = 256 * 1024

  package init(
    name: String, stackBytes: Int = WorkerThread.stackBytes, _ body: @escaping @Sendable () -> Void
  ) throws(SystemCallError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)

    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }

    var identifier = pthread_t()
    let box = unsafe Unmanaged.passRetained(Body(body))
    let result = unsafe pthread_create(
      &identifier, &attributes,
      { box in
        unsafe Unmanaged<Body>.fromOpaque(box!).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      unsafe box.release()
      throw SystemCallError("pthread_create", name, errno: result)
    }
    unsafe clinux_name_thread(identifier, name)
    self.identifier = identifier
  }

  /// Nobody will wait for its end.
  package func detach() { pthread_detach(identifier) }

  package func join() { pthread_join(identifier, nil) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
