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

  private func append(_ line: Int, by writer: SpoolWriter) {
    writer.append(SpoolFixture.line(line)) { [told, changed] error in
      told.withLock { $0.append((line, error, pthread_self())) }
      changed.broadcast()
    }
  }

  private func awaitTold(_ count: Int) -> [(line: Int, error: SpoolWriteError?, thread: pthread_t)]
  {
    told.wait(for: changed) { $0.count >= count ? $0 : nil }
  }

  @Test func `who is alone is told by its own thread, before the call returns`() throws {
    let writer = spool.writer(system)
    for line in 0..<3 {
      append(line, by: writer)
      let last = try #require(told.withLock { $0.last })
      #expect(
        last.line == line && last.error == nil && pthread_equal(last.thread, pthread_self()) != 0)
    }
    #expect(try spool.numbers() == [0, 1, 2])
  }

  @Test func `who comes while somebody is at work does not wait, and shares one sync with others`()
    throws
  {
    let writer = spool.writer(system)
    append(0, by: writer)
    system.beforeEvery("fdatasync") { [gate] in gate.pass() }
    let first = try WorkerThread(name: "first") { [self] in append(1, by: writer) }
    gate.await(1)
    for line in 2...9 { append(line, by: writer) }
    #expect(told.withLock { $0.count } == 1)
    gate.open()
    first.join()
    let all = awaitTold(10)
    #expect(all.map(\.line).sorted() == Array(0...9) && all.allSatisfy { $0.error == nil })
    #expect(try spool.numbers() == Array(0...9))
    #expect(system.count("fdatasync") == 3)
    let thread = try #require(all.first { $0.line == 2 }).thread
    #expect(all.filter { $0.line >= 2 }.allSatisfy { pthread_equal($0.thread, thread) != 0 })
    // Alone again, as soon as the thread has seen that nobody waits.
    for line in 10..<1000 {
      append(line, by: writer)
      if pthread_equal(awaitTold(line + 1)[line].thread, pthread_self()) != 0 { return }
    }
    Issue.record("the thread is still at work")
  }

  @Test func `each of a batch is told what became of its own line`() throws {
    let writer = spool.writer(system)
    append(0, by: writer)
    system.before("fdatasync") { [gate] in gate.pass() }
    let first = try WorkerThread(name: "first") { [self] in append(1, by: writer) }
    gate.await(1)
    for line in 2...5 { append(line, by: writer) }
    // Two and a half of the four lines.
    system.cut("write", "segments", to: SpoolFixture.line(2).count * 5 / 2)
    system.fail("write", "segments", call: 2, errno: ENOSPC)
    gate.open()
    first.join()
    let all = awaitTold(6)
    #expect(all.filter { $0.error == nil }.map(\.line).sorted() == [0, 1, 2, 3])
    #expect(all.filter { $0.error != nil }.map(\.line).sorted() == [4, 5])
    #expect(try spool.numbers() == [0, 1, 2, 3])
  }

  @Test func `what is told last may let go of the writer`() throws {
    var writer: SpoolWriter? = spool.writer(system)
    append(0, by: writer!)
    system.beforeEvery("fdatasync") { [gate] in gate.pass() }
    let first = try WorkerThread(name: "first") { [self, writer] in append(1, by: writer!) }
    gate.await(1)
    writer!.append(SpoolFixture.line(2)) { [told, changed, writer] _ in
      withExtendedLifetime(writer) { told.withLock { $0.append((2, nil, pthread_self())) } }
      changed.broadcast()
    }
    writer = nil
    gate.open()
    first.join()
    #expect(awaitTold(3).count == 3)
  }
}
