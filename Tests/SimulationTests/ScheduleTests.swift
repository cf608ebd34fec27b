import TestSupport
import Testing

/// Many runs, each with another seed: 2,000, or 200,000 with `NOTICE_LONG=1`, or as many as `NOTICE_SCHEDULES` says, from
/// `NOTICE_SEED` on. One that fails is repeated alone, and tells its story, with
/// `NOTICE_SCHEDULES=1 NOTICE_SEED=n NOTICE_STORY=1 SWIFT_DETERMINISTIC_HASHING=1`.
struct ScheduleTests {
  /// Parts that run side by side.
  private static let parts = 4
  private static let failuresMax = 10

  @Test(arguments: 0..<parts)
  func `nothing acknowledged is lost, whatever fails and whenever`(_ part: Int) throws {
    var failures = 0
    for number in stride(from: part, to: Effort.schedules, by: Self.parts) {
      let seed = Effort.firstSeed + UInt64(number)
      let schedule = try Schedule(seed: seed)
      let findings = try schedule.run()
      if Effort.tellsStory { print(schedule.story.joined(separator: "\n")) }
      if findings.isEmpty { continue }
      Issue.record("NOTICE_SEED=\(seed): \(findings.joined(separator: "; "))")
      failures += 1
      if failures == Self.failuresMax { return }
    }
  }
}
