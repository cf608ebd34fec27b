import Delivery
import Notice
import SystemCalls
import TestSupport
import Testing

@testable import Destinations

struct SideBySideDestinationTests {
  private let states = (0..<2).map { _ in Monitor(ControlledDestination.State()) }
  private let hints: [WakeUp]
  private let record: NoticeRecord
  private let destination: SideBySideDestination

  init() throws {
    hints = [try WakeUp(), try WakeUp()]
    record = try TestRecord.of("{}")
    destination = SideBySideDestination(
      try zip(states, hints).map { state, hint in
        try DestinationThread(
          running: ControlledDestination(capacity: 3, state, hint), named: "test")
      })
  }

  private func begin(_ tickets: Range<Int>) {
    for ticket in tickets { destination.begin(DeliveryAttempt(ticket: ticket, record: record)) }
  }

  private func underWay(_ index: Int) -> [Int] { states[index].withLock(\.underWay) }

  @Test func `each attempt has one outcome, and all take part`() throws {
    #expect(destination.capacity == 6)
    for state in states { state.withLock { $0.endsAll = true } }
    let outcomes = destination.outcomes(of: Array(repeating: record, count: 5000))
    #expect(outcomes.count == 5000 && outcomes.allSatisfy { $0 == .delivered })
    for state in states { #expect((1...3).contains(state.withLock(\.most))) }
  }

  @Test func `an attempt goes to the one that has the fewest, and none waits for another`() throws {
    begin(0..<4)
    #expect(destination.wait(milliseconds: 0, wakeUps: []).isEmpty)
    try eventually("both have two") { underWay(0) == [0, 2] && underWay(1) == [1, 3] }
    let start = ContinuousClock.now
    let ending = try WorkerThread(name: "test") { [state = states[1], hint = hints[1]] in
      // By then the other thread waits.
      LinuxSystemCalls().sleep(nanoseconds: 100_000_000)
      state.withLock { $0.ending = [1, 3] }
      hint.set()
    }
    defer { ending.join() }
    var ended: Set<Int> = []
    while ended.count < 2 {
      ended.formUnion(destination.wait(milliseconds: 60_000, wakeUps: []).map(\.ticket))
    }
    #expect(ended == [1, 3] && underWay(0) == [0, 2])
    let seen = ContinuousClock.now
    #expect(seen - start < .seconds(30))
    #expect(destination.wait(milliseconds: 50, wakeUps: []).isEmpty)
    #expect(ContinuousClock.now - seen >= .milliseconds(50))
    begin(4..<6)
    #expect(destination.wait(milliseconds: 0, wakeUps: []).isEmpty)
    try eventually("the free one has both") { underWay(1) == [4, 5] }
  }

  @Test func `its user is woken up by others, and at the end of its time`() throws {
    begin(0..<1)
    let start = ContinuousClock.now
    #expect(destination.wait(milliseconds: 50, wakeUps: []).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(50))
    let other = try WakeUp()
    other.set()
    #expect(destination.wait(milliseconds: 60_000, wakeUps: [other.descriptor]).isEmpty)
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}
