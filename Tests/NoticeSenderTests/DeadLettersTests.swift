import Delivery
import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct DeadLettersTests {
  private let fixture: SenderFixture
  private let receiver: HTTPReceiver

  init() throws {
    fixture = try SenderFixture()
    receiver = try HTTPReceiver()
  }

  /// Ten records delivered, of which two are dead then.
  private func prepare() throws -> [NoticeRecord] {
    try fixture.append(0..<10)
    #expect(try fixture.once([fixture.http(receiver)]))
    let records = try fixture.records()
    try fixture.bury(records[3])
    try fixture.bury(records[7])
    #expect(try fixture.findings() == [])
    return [records[3], records[7]]
  }

  @Test func `what is requeued while another requeue is at work is pending, and told so`() throws {
    let dead = try prepare()
    #expect(try fixture.letters().requeue(.ids([dead[0].id])) == 1)
    // A person asks for the second while the first is on its way.
    let meanwhile = try HTTPReceiver { [fixture] _ in
      _ = try? fixture.letters().requeue(.ids([dead[1].id]))
      return .ok
    }
    #expect(try !fixture.once([fixture.http(meanwhile)]), "something waits")
    #expect(meanwhile.requestCount == 1)
    #expect(try fixture.once([fixture.http(meanwhile)]))
    #expect(meanwhile.requestCount == 2)
    #expect(try fixture.findings() == [])
  }

  @Test func `a requeued letter is delivered with its own id and is dead no more`() throws {
    let dead = try prepare()
    #expect(try fixture.letters().requeue(.ids([dead[0].id])) == 1)
    #expect(try fixture.deadIDs() == [dead[1].id])
    #expect(try fixture.findings() == [])
    let before = receiver.requestCount
    #expect(try fixture.once([fixture.http(receiver)]))
    let again = receiver.requests[before...]
    #expect(again.count == 1)
    #expect(try fixture.checkpoint().counts.delivered == 9)
    #expect(try fixture.checkpoint().counts.dead == 1)
    #expect(try fixture.findings() == [])
    #expect(try fixture.letters().requeue(.all) == 1)
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(try fixture.checkpoint().counts.delivered == 10)
    #expect(try fixture.deadIDs() == [])
    #expect(try fixture.findings() == [])
    #expect(try fixture.files(fixture.directory.state).allSatisfy { !$0.contains("requeue") })
  }

  @Test func `a requeue cut short at any call repeats rather than loses`() throws {
    _ = try prepare()
    for call in 1... {
      // What an earlier round left is finished first.
      try fixture.once([fixture.http(receiver)])
      let dead = try fixture.deadIDs()
      if dead.isEmpty { try fixture.bury(fixture.records()[5]) }
      let ids = try fixture.deadIDs()
      let before = receiver.requestCount
      let faulty = FaultySystemCalls()
      faulty.fail(call: call, errno: EIO)
      let isDone =
        (try? DeadLetters("d0", fixture.directory, faulty).requeue(.all)) == ids.count
      try fixture.once([fixture.http(receiver)])
      let rest = try fixture.deadIDs()
      #expect(receiver.requestCount - before + rest.count == ids.count, "call \(call)")
      #expect(try fixture.findings() == [], "call \(call)")
      if isDone { break }
    }
  }

  @Test func `what was taken up before a crash and not yet counted is worked through`() throws {
    _ = try prepare()
    #expect(try fixture.letters().requeue(.all) == 2)
    try RequeueFiles("d0", fixture.directory, fixture.system).takeInbox(as: 1)
    #expect(try fixture.findings() == [])
    let before = receiver.requestCount
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == before + 2)
    #expect(try fixture.checkpoint().counts.delivered == 10)
    #expect(try fixture.findings() == [])
  }

  @Test func `a letter written before a crash is counted and not tried again`() throws {
    try fixture.append(0..<10)
    #expect(try fixture.once([fixture.http(receiver)]))
    let last = try fixture.checkpoint()
    try fixture.append(10..<12)
    let record = try #require(try fixture.records().last)
    try fixture.letters().append(
      record, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
    #expect(try fixture.checkpoint() == last)
    #expect(try fixture.findings() == [], "a letter later than the checkpoint is no contradiction")
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == 11)
    #expect(try fixture.checkpoint().counts.dead == 1)
    #expect(try fixture.deadIDs() == [record.id])
    #expect(try fixture.findings() == [])
  }

  @Test func `a requeued letter that dies again before a crash is counted and not tried again`()
    throws
  {
    let dead = try prepare()
    #expect(try fixture.letters().requeue(.ids([dead[0].id])) == 1)
    try RequeueFiles("d0", fixture.directory, fixture.system).takeInbox(as: 1)
    try fixture.letters().append(
      dead[0], attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
    let before = receiver.requestCount
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == before)
    #expect(try Set(fixture.deadIDs()) == Set(dead.map(\.id)))
    #expect(try fixture.checkpoint().counts.dead == 2)
    #expect(try fixture.findings() == [])
  }

  @Test func `a requeued letter waits for a destination that is away`() throws {
    let dead = try prepare()
    #expect(try fixture.letters().requeue(.all) == 2)
    let away = try HTTPReceiver { _ in .status(503) }
    #expect(try !fixture.once([fixture.http(away)]))
    #expect(try fixture.findings() == [])
    #expect(try fixture.audit().accounts.first?.pending == 2)
    #expect(try fixture.checkpoint().unsettled.allSatisfy { $0.origin == .requeue })
    // Longer than a pause lasts at first.
    try eventually("it is delivered") { try fixture.once([fixture.http(receiver)]) }
    #expect(try fixture.checkpoint().counts.delivered == 10)
    #expect(receiver.requestCount == 12)
    #expect(dead.count == 2)
    #expect(try fixture.findings() == [])
  }

  @Test func `a dropped letter is kept, counted and never delivered`() throws {
    let dead = try prepare()
    #expect(try fixture.letters().drop(.ids([dead[0].id])) == 1)
    #expect(try fixture.letters().drop(.all) == 1)
    #expect(try fixture.deadIDs() == [])
    var kept: [String] = []
    try fixture.letters().readDropped { letter, _ in kept.append(letter.record.id) }
    #expect(kept == dead.map(\.id))
    #expect(try fixture.findings() == [])
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == 10)
    #expect(try fixture.findings() == [])
  }

  @Test func `a drop cut short at any call keeps each letter, and once done again, once`() throws {
    let dead = try prepare()
    for call in 1... {
      for letter in dead where try !fixture.deadIDs().contains(letter.id) {
        try fixture.letters().append(
          letter, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
      }
      try? FileManager.default.removeItem(atPath: "\(fixture.directory.dead)/dropped")
      let faulty = FaultySystemCalls()
      faulty.fail(call: call, errno: EIO)
      let isDone = (try? DeadLetters("d0", fixture.directory, faulty).drop(.all)) == 2
      _ = try fixture.letters().drop(.all)
      var kept: [String] = []
      try fixture.letters().readDropped { letter, _ in kept.append(letter.record.id) }
      #expect(kept.sorted() == dead.map(\.id).sorted(), "call \(call)")
      #expect(try fixture.deadIDs() == [], "call \(call)")
      if isDone { break }
    }
  }

  /// A sender gives up one message after the other while a person drops and requeues, each through files of their own.
  @Test func `letters are written while others go, and each ends in one place`() throws {
    let count = 200
    try fixture.append(0..<count)
    #expect(try fixture.once([fixture.http(receiver)]))
    let records = try fixture.records()
    #expect(records.count == count)
    try fixture.change { checkpoint in
      checkpoint.counts.dead = checkpoint.counts.delivered
      checkpoint.counts.delivered = 0
      // After the last letter: none of them is later than the checkpoint.
      checkpoint.updatedAt = Timestamp(milliseconds: 4_000_000_000_000)
    }
    let toDrop = Set(records.enumerated().filter { $0.offset % 3 == 0 }.map(\.element.id))
    let toRequeue = Set(records.enumerated().filter { $0.offset % 3 == 1 }.map(\.element.id))
    let isWritten = try Latch()
    let failures = Monitor<[String]>([])
    let (directory, system) = (fixture.directory, fixture.system)
    // Each has its own letters, as in a process of its own, and looks again a moment later.
    let person = { @Sendable (work: (DeadLetters) throws -> Void) in
      let letters = DeadLetters("d0", directory, system)
      var isLast = false
      while !isLast {
        let wasWritten = isWritten.isOpen
        do {
          try work(letters)
          isLast = wasWritten
        } catch is FileLock.Held {
          // On a machine with much to do, the others may have it for longer than it is waited for.
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
        usleep(300)
      }
    }
    let dropping = try WorkerThread(name: "dropping") {
      person { _ = try $0.drop(.ids(toDrop)) }
    }
    let requeuing = try WorkerThread(name: "requeuing") {
      person { _ = try $0.requeue(.ids(toRequeue)) }
    }
    for record in records {
      try eventually("the lock is free") {
        do {
          try fixture.letters().append(
            record, attempts: 1, outcome: .refused(reason: "no"), isReplay: false)
          return true
        } catch is FileLock.Held {
          return false
        }
      }
    }
    isWritten.open()
    dropping.join()
    requeuing.join()

    #expect(failures.withLock { $0 } == [])
    let letters = fixture.letters()
    var dropped: [String] = []
    try letters.readDropped { letter, _ in dropped.append(letter.record.id) }
    let requeued = try DeadLetters.keys(
      of: RequeueFiles("d0", directory, system).inbox, system
    ).map(\.id)
    let dead = try fixture.deadIDs()
    #expect(dropped.count == toDrop.count && Set(dropped) == toDrop)
    #expect(requeued.count == toRequeue.count && Set(requeued) == toRequeue)
    #expect(dead == records.map(\.id).filter { !toDrop.contains($0) && !toRequeue.contains($0) })
    #expect(try fixture.findings() == [])
    #expect(try fixture.files(directory.dead).allSatisfy { !$0.hasSuffix(".next") })
  }
}
