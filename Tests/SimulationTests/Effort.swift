import Foundation

/// How much is run: what a suite has time for, or all that a night has. ThreadSanitizer, which makes everything ten times slower and
/// has nothing to find in one thread, gets a sample.
enum Effort {
  private static let environment = ProcessInfo.processInfo.environment
  private static let isSample = environment["TSAN_OPTIONS"] != nil
  private static let isLong = environment["NOTICE_LONG"] != nil

  static let schedules =
    number("NOTICE_SCHEDULES") ?? (isLong ? 200_000 : isSample ? 200 : 2000)
  static let firstSeed = UInt64(number("NOTICE_SEED") ?? 1)
  static let tellsStory = environment["NOTICE_STORY"] != nil
  /// Of so many system calls, one goes wrong.
  static let callStride = isSample ? 11 : 1

  private static func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
}
