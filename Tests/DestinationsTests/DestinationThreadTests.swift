import Delivery
import Foundation
import Notice
import SystemCalls
import TestSupport
import Testing

@testable import Destinations

struct DestinationThreadTests {
  private let state = Monitor(ControlledDestination.State())
  private let hint: WakeUp
  private let record: NoticeRecord

  init() throws {
    hint = try WakeUp()
    record = try TestRecord.of("{}")
  }

  private func thread(capacity: Int, ahead: Int = 1) throws -> DestinationThread {
    try DestinationThread(
      running: ControlledDestination(capacity: capacity, state, hint), named: "test", ahead: ahead)
  }

  private func end(_ tickets: Set<Int>) {
    state.withLock { $0.ending.formUnion(tickets) }
    hint.set()
  }

  @Test(arguments: [1, 3])
  func `each attempt has one outcome, and no more are under way than there is room for`(
    ahead: Int
  ) throws {
    state.withLock { $0.endsAll = true }
    let thread = try thread(capacity: 7, ahead: ahead)
    #expect(thread.capacity == 7 * ahead)
    let outcomes = thread.outcomes(of: Array(repeating: record, count: 5000))
    #expect(outcomes.allSatisfy { $0 == .delivered })
    #expect((1...7).contains(state.withLock(\.most)))
  }

  @Test func `what has no room yet goes when there is some`() throws {
    let thread = try thread(capacity: 2, ahead: 2)
    for ticket in 0..<4 { thread.begin(DeliveryAttempt(ticket: ticket, record: record)) }
    #expect(thread.wait(milliseconds: 0, wakeUps: []).isEmpty)
    try eventually("the first two are under way") { state.withLock { $0.underWay == [0, 1] } }
    end([1])
    #expect(thread.wait(milliseconds: 60_000, wakeUps: []).map(\.ticket) == [1])
    try eventually("the third follows") { state.withLock { $0.underWay == [0, 2] } }
  }

  @Test func `one end is told at once, though the others take long`() throws {
    let thread = try thread(capacity: 100)
    for ticket in 0..<100 { thread.begin(DeliveryAttempt(ticket: ticket, record: record)) }
    #expect(thread.wait(milliseconds: 0, wakeUps: []).isEmpty)
    try eventually("all are under way") { state.withLock { $0.underWay.count == 100 } }
    end([42])
    let start = ContinuousClock.now
    #expect(thread.wait(milliseconds: 60_000, wakeUps: []).map(\.ticket) == [42])
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `its user is woken up by others, and at the end of its time`() throws {
    let thread = try thread(capacity: 1)
    thread.begin(DeliveryAttempt(ticket: 1, record: record))
    let start = ContinuousClock.now
    #expect(thread.wait(milliseconds: 50, wakeUps: []).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(50))
    let other = try WakeUp()
    other.set()
    #expect(thread.wait(milliseconds: 60_000, wakeUps: [other.descriptor]).isEmpty)
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func `it ends with its destination, whatever is under way`() throws {
    do {
      let thread = try thread(capacity: 2)
      for ticket in 0..<2 { thread.begin(DeliveryAttempt(ticket: ticket, record: record)) }
      #expect(thread.wait(milliseconds: 0, wakeUps: []).isEmpty)
    }
    #expect(state.withLock(\.isGone))
  }
}
