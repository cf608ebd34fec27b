import Glibc

/// The two clocks that a delivery needs.
enum Clock {
  /// From a clock that never jumps.
  static func monotonicMilliseconds() -> Int {
    let time = read(CLOCK_MONOTONIC)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// Since 1970, by the clock on the wall.
  static func realtimeMilliseconds() -> Int {
    let time = read(CLOCK_REALTIME)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  static func realtimeSeconds() -> Int { realtimeMilliseconds() / 1000 }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time
  }
}
