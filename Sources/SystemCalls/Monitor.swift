package import Glibc

/// A mutex and the condition variables that wait under it: what a group of threads needs to share a
/// value and to sleep until it changes. (`Synchronization.Mutex` has no condition to wait for.)
@safe package final class Monitor<Value>: @unchecked Sendable {
  @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Behind a pointer: the mutex keeps accesses apart, and Swift need not look at each whether it does.
  @usableFromInline let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

  package init(_ value: sending Value) {
    unsafe self.value.initialize(to: value)
    unsafe pthread_mutex_init(mutex, nil)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  @inlinable
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return unsafe try body(&value.pointee)
  }

  /// Runs `body`, and while it returns nil, waits for `condition` to be signalled and runs it again.
  package func wait<Result>(
    for condition: Condition, until body: (inout Value) -> Result?
  ) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = unsafe body(&value.pointee) { return result }
      unsafe pthread_cond_wait(condition.pointer, mutex)
    }
  }
}

/// A condition variable; which ``Monitor`` it belongs to is its user's to keep straight.
@safe package final class Condition: @unchecked Sendable {
  let pointer = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() { unsafe pthread_cond_init(pointer, nil) }

  deinit {
    unsafe pthread_cond_destroy(pointer)
    unsafe pointer.deallocate()
  }

  package func signal() { unsafe pthread_cond_signal(pointer) }
  package func broadcast() { unsafe pthread_cond_broadcast(pointer) }
}
