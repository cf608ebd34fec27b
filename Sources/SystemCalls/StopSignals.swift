import Glibc

/// The signals that ask a program to finish what is in hand and leave: those of service managers, of a terminal, and of the
/// starters of FastCGI programs.
package enum StopSignals {
  private static let all = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1]

  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in all { unsafe sigaddset(&set, number) }
    return set
  }

  /// For this thread and all that it starts, before there is any: the signals wait for ``wait(seconds:)``. A connection that the
  /// other side has closed, and a file that may not grow, are errors from then on, and not the end.
  package static func block() {
    var set = set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Waits for one of them and returns its number. One that is ignored, as by nohup(1), never comes.
  package static func wait() -> Int32 {
    var set = set
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
    return number
  }

  /// As ``wait()``; nil where none came in time.
  package static func wait(milliseconds: Int) -> Int32? {
    var set = set
    var time = timespec(
      tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    let number = unsafe sigtimedwait(&set, nil, &time)
    return number > 0 ? number : nil
  }
}
