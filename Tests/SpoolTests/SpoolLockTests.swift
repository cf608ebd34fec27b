import Foundation
import SystemCalls
import TestSupport
import Testing

@testable import Spool

struct SpoolLockTests {
  private let home: TemporaryDirectory
  private let system = FaultySystemCalls(waiting: .skipped)

  init() throws {
    home = try TemporaryDirectory()
  }

  private func lock(waitSecondsMax: Int = 2) -> SpoolLock {
    SpoolLock(home.path + "/lock", waitSecondsMax: waitSecondsMax, system)
  }

  @Test func `a free lock is granted, again and again`() throws {
    var first = lock()
    var second = lock()
    for _ in 1...3 {
      #expect(try first.acquire() == .granted)
      #expect(try first.isStillHeld())
      first.release()
      #expect(try second.acquire() == .granted)
      second.release()
    }
    #expect(system.descriptorsOpen == 2)
  }

  @Test func `a lock that was taken away is not held any more, and the loser can have it back`()
    throws
  {
    var first = lock()
    var second = lock()
    #expect(try first.acquire() == .granted)
    #expect(try second.acquire() == .takenAway)
    #expect(try !first.isStillHeld())
    #expect(try second.isStillHeld())
    first.release()
    #expect(try second.isStillHeld())
    second.release()
    #expect(try first.acquire() == .takenAway)
    try first.settle()
    first.release()
    #expect(try second.acquire() == .granted)
    second.release()
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["lock"])
  }

  @Test func `each theft in a row waits twice as long as the one before, until it is settled`()
    throws
  {
    var locks: [SpoolLock] = []
    for round in 0..<6 {
      let before = system.monotonicNanoseconds()
      var lock = lock(waitSecondsMax: 1)
      #expect(try lock.acquire() == (round == 0 ? .granted : .takenAway))
      let seconds = Double(system.monotonicNanoseconds() - before) / 1e9
      let expected = round == 0 ? 0.0 : Double(1 << (round - 1))
      #expect((expected...expected + 0.01).contains(seconds), "\(round): \(seconds) s")
      locks.append(lock)
    }
    try locks[5].settle()
    let before = system.monotonicNanoseconds()
    var last = lock(waitSecondsMax: 1)
    #expect(try last.acquire() == .takenAway)
    #expect(Double(system.monotonicNanoseconds() - before) / 1e9 < 1.01)
    last.forget()
    for place in locks.indices { locks[place].forget() }
  }

  @Test func `a lock whose file was removed is not held any more`() throws {
    var first = lock()
    #expect(try first.acquire() == .granted)
    try FileManager.default.removeItem(atPath: home.path + "/lock")
    #expect(try !first.isStillHeld())
    first.release()
    #expect(try first.acquire() == .granted)
    first.release()
  }

  @Test func `of several who take it away only one has it`() throws {
    var holder = lock()
    #expect(try holder.acquire() == .granted)
    var taker = lock()
    var winner = lock(waitSecondsMax: 0)
    let won = Result { () throws -> SpoolLock.Acquisition in
      // Another one takes it away between this one's look and its own taking.
      try winner.acquire()
    }
    #expect(try won.get() == .takenAway)
    #expect(try taker.acquire() == .takenAway)
    #expect(try !winner.isStillHeld() && !holder.isStillHeld() && taker.isStillHeld())
  }

  @Test func `a replacement that a crash left behind does no harm`() throws {
    try Data().write(to: URL(fileURLWithPath: home.path + "/lock.next"))
    var first = lock()
    var second = lock()
    #expect(try first.acquire() == .granted)
    #expect(try second.acquire() == .takenAway)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == ["lock"])
  }

  @Test func `whichever call fails, no lock and no descriptor is left behind`() throws {
    for number in 1...20 {
      let holder = FaultySystemCalls()
      var held = SpoolLock(home.path + "/lock", waitSecondsMax: 2, holder)
      _ = try held.acquire()
      let faulty = FaultySystemCalls(waiting: .skipped)
      faulty.failAlways(from: number, errno: EIO)
      var taker = SpoolLock(home.path + "/lock", waitSecondsMax: 0, faulty)
      if (try? taker.acquire()) != nil {
        taker.forget()
      }
      #expect(faulty.descriptorsOpen == 0)
      held.forget()
      var next = lock(waitSecondsMax: 0)
      #expect(throws: Never.self) { try next.acquire() }
      next.forget()
    }
  }
}
