import Glibc

/// The signals that ask a program to finish what is in hand and leave: those of service managers, of a terminal, and of the
/// starters of FastCGI programs.
package enum StopSignals {
  private static var all: sigset_t {
    // An array would be the first of its kind in a CGI process, which would have to make its type.
    let numbers: [5 of Int32] = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1]
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for index in numbers.indices { unsafe sigaddset(&set, numbers[index]) }
    return set
  }

  /// Ends a wait, and asks for nothing.
  private static let nudge = SIGUSR2
  private static var allAndNudge: sigset_t {
    var set = all
    unsafe sigaddset(&set, nudge)
    return set
  }

  /// For this thread and all that it starts, before there is any: the signals wait for ``wait(seconds:)``. A connection that the
  /// other side has closed, and a file that may not grow, are errors from then on, and not the end.
  package static func block() {
    var set = allAndNudge
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Waits for one of them and returns its number. One that is ignored, as by nohup(1), never comes.
  package static func wait() -> Int32 {
    var set = all
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
    return number
  }

  /// As ``wait()``; nil where none came in time, or the thread was woken up before.
  package static func wait(milliseconds: Int) -> Int32? {
    var set = allAndNudge
    var time = timespec(
      tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    let number = unsafe sigtimedwait(&set, nil, &time)
    return number < 0 || number == nudge ? nil : number
  }

  /// Wakes this thread, which has blocked the signals, from ``wait(milliseconds:)``; not lost where it does not wait yet.
  package static func waker() -> @Sendable () -> Void {
    let thread = pthread_self()
    return { pthread_kill(thread, nudge) }
  }
}
