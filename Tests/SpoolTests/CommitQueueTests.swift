import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import Spool

/// Who brings whose lines into the spool, and who is told where.
struct CommitQueueTests {
  private let spool: SpoolFixture
  private let system = FaultySystemCalls()
  private let gate = Gate()
  /// Which line was told what, and by which thread.
  private let told = Monitor<[(line: Int, error: SpoolWriteError?, thread: pthread_t)]>([])
  private let changed = Condition()

  init() throws { spool = try SpoolFixture() }

  private func queue(
    startThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = CommitQueue.start
  ) -> CommitQueue {
    CommitQueue(
      BatchCommitter(spool.directory, spool.settings, system), startThread: startThread)
  }

  private func append(_ line: Int, to queue: CommitQueue) {
    let bytes = SpoolFixture.line(line)
    queue.append(bytes, ends: [bytes.count]) { [told, changed] outcome in
      let error = outcome.linesCommitted == 1 ? nil : outcome.error ?? .contended
      told.withLock { $0.append((line, error, pthread_self())) }
      changed.broadcast()
    }
  }

  /// Lines 0 and 1, and the others while 1 is being synced.
  private func append(_ others: ClosedRange<Int>, meanwhileTo queue: CommitQueue) throws {
    append(0, to: queue)
    system.before("fdatasync") { [gate] in gate.pass() }
    let first = try WorkerThread(name: "first") { [self] in append(1, to: queue) }
    gate.await(1)
    for line in others { append(line, to: queue) }
    #expect(told.withLock { $0.count } == 1)
    gate.open()
    first.join()
  }

  private func isSelf(_ thread: pthread_t) -> Bool { pthread_equal(thread, pthread_self()) != 0 }

  private func awaitTold(_ count: Int) -> [(line: Int, error: SpoolWriteError?, thread: pthread_t)]
  {
    told.wait(for: changed) { $0.count >= count ? $0 : nil }
  }

  @Test func `who is alone is told by its own thread, before the call returns`() throws {
    let queue = queue()
    for line in 0..<3 {
      append(line, to: queue)
      let last = try #require(told.withLock { $0.last })
      #expect(last.line == line && last.error == nil && isSelf(last.thread))
    }
    #expect(try spool.numbers() == [0, 1, 2])
    queue.end()
  }

  @Test func `who comes while somebody is at work does not wait, and shares one sync with others`()
    throws
  {
    let queue = queue()
    try append(2...9, meanwhileTo: queue)
    let all = awaitTold(10)
    #expect(all.map(\.line).sorted() == Array(0...9) && all.allSatisfy { $0.error == nil })
    #expect(try spool.numbers() == Array(0...9))
    #expect(system.count("fdatasync") == 3)
    let thread = try #require(all.first { $0.line == 2 }).thread
    #expect(all.filter { $0.line >= 2 }.allSatisfy { pthread_equal($0.thread, thread) != 0 })
    // Alone again, as soon as the thread has seen that nobody waits.
    #expect(
      (10..<1000).contains { line in
        append(line, to: queue)
        return isSelf(awaitTold(line + 1)[line].thread)
      })
    queue.end()
  }

  @Test func `each of a batch is told what became of its own line`() throws {
    let queue = queue()
    // Two and a half of the four lines that come together.
    system.cut("write", "segments", call: 3, to: SpoolFixture.line(2).count * 5 / 2)
    system.fail("write", "segments", call: 4, errno: ENOSPC)
    try append(2...5, meanwhileTo: queue)
    let all = awaitTold(6)
    #expect(all.filter { $0.error == nil }.map(\.line).sorted() == [0, 1, 2, 3])
    #expect(all.filter { $0.error != nil }.map(\.line).sorted() == [4, 5])
    #expect(try spool.numbers() == [0, 1, 2, 3])
    queue.end()
  }

  @Test func `where there can be no thread, who was alone does its work, once it is told itself`()
    throws
  {
    let starts = Monitor(0)
    let queue = queue { _ in
      starts.withLock { $0 += 1 }
      return false
    }
    try append(2...5, meanwhileTo: queue)
    let all = told.withLock { $0 }
    #expect(all.map(\.line) == Array(0...5) && all.allSatisfy { $0.error == nil })
    #expect(all[1...].allSatisfy { pthread_equal($0.thread, all[1].thread) != 0 })
    #expect(try spool.numbers() == Array(0...5))
    #expect(starts.withLock { $0 } == 1)
  }

  @Test func `its thread settles what there is, and ends with it`() throws {
    let (start, end) = (Gate(), Gate())
    let queue = queue { body in
      CommitQueue.start {
        start.pass()
        body()
        end.pass()
      }
    }
    try append(2...5, meanwhileTo: queue)
    queue.end()
    #expect(told.withLock { $0.count } == 2)
    start.open()
    end.await(1)
    end.open()
    #expect(told.withLock { $0.count } == 6)
  }
}
