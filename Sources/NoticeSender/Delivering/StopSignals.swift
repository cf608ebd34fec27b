import Glibc

/// The signals on which the sender stops.
enum StopSignals {
  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGQUIT, SIGHUP] { unsafe sigaddset(&set, number) }
    return set
  }

  /// For this thread and all that it starts, so that they wait for ``wait(seconds:)``. A connection or a pipe that the other
  /// side has closed is an error, not the end.
  static func block() {
    var set = set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// The signal's number; nil where none came in time.
  static func wait(seconds: Double) -> Int32? {
    var set = set
    var time = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    let number = unsafe sigtimedwait(&set, nil, &time)
    return number > 0 ? number : nil
  }
}
