import Delivery
import Testing

struct RetryScheduleTests {
  @Test func `every wait lies within a fifth of the schedule's`() {
    let seconds: [Int64] = [5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    for (index, wanted) in seconds.enumerated() {
      for random in stride(from: UInt64(0), to: 2000, by: 7) {
        let delay = RetrySchedule.delay(afterFailures: index + 1, random: random) ?? 0
        #expect((wanted * 800...wanted * 1200).contains(delay))
      }
    }
  }

  @Test func `there is an end to it`() {
    #expect(RetrySchedule.delay(afterFailures: 11, random: 0) == nil)
    #expect(RetrySchedule.delay(afterFailures: 0, random: 0) == nil)
    #expect(RetrySchedule.attemptsMax == 11)
  }
}
