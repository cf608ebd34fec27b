import Glibc

/// The signals that ask the program to finish what is in hand and leave: those of service managers, of a
/// terminal, and of the starters of FastCGI programs.
enum StopSignals {
  private static let all = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1]

  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in all { unsafe sigaddset(&set, number) }
    return set
  }

  /// For this thread and all that it starts.
  static func block() {
    var set = set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits for one of them and returns its number. One that is ignored, as by nohup(1), never comes.
  static func wait() -> Int32 {
    var set = set
    var number: Int32 = 0
    while unsafe sigwait(&set, &number) != 0 {}
    return number
  }
}
