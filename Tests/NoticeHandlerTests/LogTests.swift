import SystemCalls
import TestSupport
import Testing

@testable import NoticeHandler

struct LogTests {
  @Test func `a line says the program and how bad it is`() {
    let lines = Monitor<[String]>([])
    let log = Log(FaultySystemCalls(waiting: .skipped)) { line in
      lines.withLock { $0.append(line) }
    }
    log.line(.warning, "unable to see: fog")
    for _ in 0..<1000 { log.repeatable(.error, "unable to hear: noise") }
    #expect(
      lines.withLock { $0 } == [
        "notice-handler: warning: unable to see: fog\n",
        "notice-handler: error: unable to hear: noise\n",
      ])
  }

  @Test func `what is not said is counted`() {
    var throttle = LogThrottle()
    let second: Int64 = 1_000_000_000
    #expect(throttle.admit(at: 5 * second) == 0)
    for at in 6..<15 { #expect(throttle.admit(at: Int64(at) * second) == nil) }
    #expect(throttle.admit(at: 15 * second) == 9)
    #expect(throttle.admit(at: 16 * second) == nil)
    #expect(throttle.admit(at: 1000 * second) == 1)
  }
}
