import Foundation
import SystemCalls
import TestSupport
import Testing

@testable import Spool

struct BatchCommitterTests {
  private let spool: SpoolFixture
  private let system = FaultySystemCalls(waiting: .skipped)
  private let batch = (1...3).map { SpoolFixture.line($0, padding: 100) }

  init() throws {
    spool = try SpoolFixture()
  }

  private func commit(
    _ committer: inout BatchCommitter, _ lines: [[UInt8]]
  ) -> BatchCommitter.Outcome {
    let lineEnds = lines.indices.map { lines[...$0].map(\.count).reduce(0, +) }
    return committer.commit(lines.flatMap(\.self), lineEnds: lineEnds)
  }

  private func committer() -> BatchCommitter {
    BatchCommitter(spool.directory, spool.settings, system)
  }

  @Test(arguments: [0, 1, 2], [0, 1, 50])
  func `after a short write whole lines count, and the part behind them is kept`(
    whole: Int, part: Int
  ) throws {
    var committer = committer()
    _ = commit(&committer, [SpoolFixture.line(0)])
    let taken = batch[..<whole].map(\.count).reduce(0, +) + part
    if taken > 0 { system.cut("write", "segments/", to: taken) }
    system.failAlways("write", "segments/", from: taken > 0 ? 2 : 1, errno: ENOSPC)
    let outcome = commit(&committer, batch)
    #expect(outcome.linesCommitted == whole)
    guard case .full = outcome.error else { throw SpoolWriteError.contended }
    #expect(try spool.numbers() == Array(0...whole))
    let kept = try spool.quarantine("damaged.ndjson")
    #expect(
      kept.map { $0["text"] }
        == (part == 0 ? [] : [String(decoding: batch[whole].prefix(part), as: UTF8.self)]))
    system.heal()
    #expect(commit(&committer, batch).linesCommitted == 3)
    #expect(try spool.numbers() == Array(0...whole) + [1, 2, 3])
  }

  @Test func `a short write that goes on is no fault`() throws {
    var committer = committer()
    system.cut("write", "segments/", to: 10)
    #expect(commit(&committer, batch).error == nil)
    #expect(try spool.numbers() == [1, 2, 3])
  }

  @Test(arguments: [ENOSPC, EDQUOT, EFBIG], ["write", "fallocate", "symlink", "open"])
  func `a full disk is told as full, and intake works again when there is room`(
    errno: Int32, call: String
  ) throws {
    var committer = committer()
    system.failAlways(call, errno: errno)
    let outcome = commit(&committer, batch)
    #expect(outcome.linesCommitted == 0)
    guard case .full = outcome.error else { throw SpoolWriteError.contended }
    system.heal()
    #expect(commit(&committer, batch).linesCommitted == 3)
    #expect(try spool.numbers() == [1, 2, 3])
  }

  @Test func `on a full disk lines go into the space that was reserved`() throws {
    var committer = committer()
    _ = commit(&committer, [SpoolFixture.line(0)])
    system.failAlways("fallocate", errno: ENOSPC)
    #expect(commit(&committer, batch).error == nil)
    let long = SpoolFixture.line(4, padding: spool.settings.reservationBytes)
    guard case .full = commit(&committer, [long]).error else { throw SpoolWriteError.contended }
    #expect(try spool.numbers() == [0, 1, 2, 3])
  }

  @Test func `a file that may not grow any more is followed by the next`() throws {
    var committer = committer()
    _ = commit(&committer, [SpoolFixture.line(0)])
    system.fail("write", "segments/", errno: EFBIG)
    #expect(commit(&committer, batch).linesCommitted == 3)
    #expect(spool.segmentNames.count == 2)
    #expect(try spool.numbers() == [0, 1, 2, 3])
  }

  @Test(arguments: [EOPNOTSUPP, ENOSYS])
  func `a file system that reserves nothing is written all the same`(errno: Int32) throws {
    var committer = committer()
    system.failAlways("fallocate", errno: errno)
    #expect(commit(&committer, batch).error == nil)
    #expect(commit(&committer, [SpoolFixture.line(4)]).error == nil)
    #expect(system.count("fallocate") == 1)
    #expect(try spool.numbers() == [1, 2, 3, 4])
  }

  @Test
  func
    `after a failed sync the batch goes into a new segment, and the old one is never synced again`()
    throws
  {
    var committer = committer()
    _ = commit(&committer, [SpoolFixture.line(0)])
    system.clearLog()
    system.fail("fdatasync", errno: EIO)
    #expect(commit(&committer, batch).linesCommitted == 3)
    #expect(spool.segmentNames.count == 2)
    #expect(try spool.numbers() == [0, 1, 2, 3, 1, 2, 3])
    #expect(commit(&committer, [SpoolFixture.line(4)]).error == nil)
    #expect(system.count("fdatasync", "/000001") == 1)
    #expect(system.count("fdatasync", "/000002") == 2)
  }

  @Test func `when every sync fails nothing is promised, and the attempts are bounded`() throws {
    var committer = committer()
    system.failAlways("fdatasync", errno: EIO)
    let outcome = commit(&committer, batch)
    #expect(outcome.linesCommitted == 0)
    guard case .failed(let error) = outcome.error else { throw SpoolWriteError.contended }
    #expect(error.call == "fdatasync" && error.errno == EIO)
    #expect(spool.segmentNames.count == 5)
    system.heal()
    #expect(commit(&committer, batch).linesCommitted == 3)
  }

  @Test func `a holder that is stopped keeps intake waiting for a bounded time only`() throws {
    var first = committer()
    _ = commit(&first, [SpoolFixture.line(0)])
    let holder = LinuxSystemCalls()
    let descriptor = try holder.open(spool.directory.lock, O_RDWR, mode: 0)
    defer { holder.close(descriptor) }
    #expect(try holder.flock(descriptor))
    let start = system.monotonicNanoseconds()
    #expect(commit(&first, batch).linesCommitted == 3)
    let waited = Double(system.monotonicNanoseconds() - start) / 1e9
    #expect((2...2.01).contains(waited))
    #expect(spool.segmentNames.count == 2)
    // From then on nobody waits for the stopped one.
    var second = committer()
    #expect(commit(&second, [SpoolFixture.line(4)]).error == nil)
    #expect(spool.segmentNames.count == 2)
    #expect(try spool.numbers() == [0, 1, 2, 3, 4])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: spool.directory.path).contains(
        "lock.next") == false)
  }

  @Test func `the one that took the lock away may end before it began a segment`() throws {
    var first = committer()
    _ = commit(&first, [SpoolFixture.line(0)])
    let holder = LinuxSystemCalls()
    let descriptor = try holder.open(spool.directory.lock, O_RDWR, mode: 0)
    defer { holder.close(descriptor) }
    #expect(try holder.flock(descriptor))
    system.fail("symlink", errno: ENOSPC)
    guard case .full = commit(&first, batch).error else { throw SpoolWriteError.contended }
    // The stopped one may still be at work in the first segment: nobody writes there any more.
    var second = committer()
    #expect(commit(&second, batch).linesCommitted == 3)
    #expect(try spool.segment(0) == SpoolFixture.line(0))
    #expect(spool.segmentNames.count == 2)
  }
}
