/// When a message that failed by its own fault is tried again, and when it has been tried often enough.
///
/// | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 |
/// | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
/// | after the one before | – | 5 s | 30 s | 5 min | 30 min | 2 h | 5 h | 10 h | 14 h | 20 h | 24 h |
///
/// Each ±20 %, so that what failed together does not come back together.
package enum RetrySchedule {
  private static let delaysSeconds: [Int64] = [
    5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
  ]

  /// All attempts, the first included.
  package static let attemptsMax = delaysSeconds.count + 1

  /// Milliseconds to the next attempt after `failures` of them; nil where there is none any more. `random`
  /// may be any number.
  package static func delay(afterFailures failures: Int, random: UInt64) -> Int64? {
    guard failures >= 1, failures <= delaysSeconds.count else { return nil }
    return jittered(delaysSeconds[failures - 1] * 1000, random: random)
  }

  /// The longest that ``delay(afterFailures:random:)`` can be.
  package static func delayMax(afterFailures failures: Int) -> Int64 {
    delay(afterFailures: failures, random: 400) ?? 0
  }

  /// `milliseconds` ±20 %.
  static func jittered(_ milliseconds: Int64, random: UInt64) -> Int64 {
    milliseconds * (800 + Int64(random % 401)) / 1000
  }
}
