import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

/// Every system call of a writer fails in turn, and others do their worst between any two of them. What was
/// acknowledged is there afterwards, and intake goes on.
struct SpoolWriterFaultTests {
  @Test(arguments: [EIO, ENOSPC, EDQUOT])
  func `any one call fails`(errno: Int32) throws {
    var number = 1
    while try survives({ $0.fail(call: number, errno: errno) }, number) { number += 1 }
    #expect(number > 100)
  }

  @Test(arguments: [EIO, ENOSPC])
  func `all calls fail from some call on, until they work again`(errno: Int32) throws {
    var number = 1
    while try survives({ $0.failAlways(from: number, errno: errno) }, number) { number += 1 }
    #expect(number > 100)
  }

  @Test(arguments: [EIO, ENOSPC])
  func `all calls fail that change something, until they work again`(errno: Int32) throws {
    for name in ["write", "fdatasync", "fsync", "fallocate", "ftruncate", "rename", "symlink"] {
      _ = try survives({ $0.failAlways(name, errno: errno) }, 0)
    }
  }

  /// No power is cut here.
  private static func quick() -> FaultySystemCalls {
    FaultySystemCalls(waiting: .skipped, syncing: .skipped)
  }

  /// Returns whether there was a call of that number.
  private func survives(_ fault: (FaultySystemCalls) -> Void, _ number: Int) throws -> Bool {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 900
    try spool.writer(Self.quick()).append(SpoolFixture.line(0))
    try spool.append(Array("{\"torn\":".utf8), to: spool.directory.current)

    let system = Self.quick()
    fault(system)
    let writer = spool.writer(system)
    var acknowledged = [0]
    for line in 1...6 {
      do {
        try writer.append(SpoolFixture.line(line, padding: 50))
        acknowledged.append(line)
      } catch {}
    }
    system.heal()
    let count = system.log.count
    try writer.append(SpoolFixture.line(7))
    try spool.writer(Self.quick()).append(SpoolFixture.line(8))
    #expect(system.descriptorsOpen <= 2, "call \(number)")

    var reader = SpoolReader(spool.directory, from: nil, Self.quick())
    let all = try reader.readAll()
    let lost = Set(acknowledged + [7, 8]).subtracting(all.numbers)
    #expect(lost.isEmpty, "call \(number): \(lost)")
    return number <= count
  }

  /// A writer is stopped before its call N; another waits for the lock in vain, takes it away and writes; then
  /// the first goes on.
  @Test func `a writer is stopped anywhere while another takes its lock away`() throws {
    var number = 1
    while try survivesTheft(stoppedAt: number, thiefEndsAt: nil) { number += 1 }
    #expect(number > 20)
  }

  /// As above; but the one that took the lock ends (as if killed) at its call M, and a third one writes.
  @Test func `the one that took the lock away ends anywhere`() throws {
    var number = 1
    var isThere = true
    while isThere {
      isThere = false
      // Every fifth M, others for each N.
      for end in stride(from: 1 + number % 5, through: 60, by: 5) {
        isThere = try survivesTheft(stoppedAt: number, thiefEndsAt: end)
        if !isThere { break }
      }
      number += 1
    }
    #expect(number > 20)
  }

  private func survivesTheft(stoppedAt number: Int, thiefEndsAt end: Int?) throws -> Bool {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 2000
    spool.settings.lockWaitSecondsMax = 0
    let system = Self.quick()
    let writer = spool.writer(system)
    try writer.append(SpoolFixture.line(1))
    // The stopped one finds a torn line to repair, and the line after it in a new segment.
    try spool.append(Array("{\"torn\":".utf8), to: spool.directory.current)
    let lively = Acknowledged()
    let live = LiveReader(SpoolReader(spool.directory, from: nil, Self.quick()))
    try live.readAll()

    system.clearLog()
    let stopped = spool
    system.before(call: number) {
      let thief = Self.quick()
      if let end { thief.failAlways(from: end, errno: EIO) }
      lively.append(2, by: stopped.writer(thief))
      if end != nil { lively.append(3, by: stopped.writer(Self.quick())) }
      lively.append(4, by: stopped.writer(Self.quick()))
      // What is written behind a reader's back, into a segment that it has left, nobody ever reads.
      try? live.readAll()
    }
    lively.append(5, by: writer)
    lively.append(6, padding: 1800, by: writer)
    let count = system.log.count
    system.heal()
    try live.readAll()
    lively.append(7, by: spool.writer(Self.quick()))
    lively.append(8, by: writer)
    try live.readAll()

    var reader = SpoolReader(spool.directory, from: nil, Self.quick())
    let all = try reader.readAll().numbers
    let place: Comment = "stopped at \(number), thief ends at \(end ?? 0)"
    #expect(lively.numbers.isSuperset(of: [7, 8]), place)
    #expect(lively.numbers.subtracting(all).isEmpty, place)
    #expect(lively.numbers.subtracting(live.numbers).isEmpty, place)
    let names = spool.segmentNames.map { $0.prefix(6) }
    #expect(Set(names).count == names.count, place)
    return number <= count
  }

  /// Two writers are in the step to the next segment at once: the first was stopped in it and goes on when the one
  /// that took its lock away is there as well.
  @Test(
    arguments: ["list", "unlink", "symlink", "rename", "readlink", "open"],
    ["list", "unlink", "symlink", "rename", "readlink", "open"])
  func `two writers begin a segment at the same time`(first: String, second: String) throws {
    var spool = try SpoolFixture()
    spool.settings.lockWaitSecondsMax = 0
    spool.settings.segmentBytesMax = 1
    try spool.writer(Self.quick()).append(SpoolFixture.line(1))
    let promised = Acknowledged()
    let stopped = Self.quick()
    let taker = Self.quick()
    // Of another second, so that the two would give their segments different names.
    taker.advance(seconds: 5)
    let (isStopped, mayGoOn, hasEnded) = (Flag(), Flag(), Flag())
    let call = { (name: String) in name == "readlink" ? 3 : name == "open" ? 2 : 1 }
    let path = { (name: String) in name == "open" ? "/segments" : "" }
    stopped.before(first, path(first), call: call(first)) {
      isStopped.raise()
      mayGoOn.wait()
    }
    taker.before(second, path(second), call: call(second)) {
      mayGoOn.raise()
      hasEnded.wait()
    }
    let writer = spool.writer(stopped)
    let thread = try WorkerThread(name: "stopped") {
      promised.append(2, by: writer)
      isStopped.raise()
      hasEnded.raise()
    }
    isStopped.wait()
    promised.append(3, by: spool.writer(taker))
    mayGoOn.raise()
    thread.join()
    for number in 4...6 { promised.append(number, by: spool.writer(Self.quick())) }

    #expect(promised.numbers.isSuperset(of: [4, 5, 6]))
    var reader = SpoolReader(spool.directory, from: nil, Self.quick())
    #expect(promised.numbers.subtracting(try reader.readAll().numbers).isEmpty)
    let names = spool.segmentNames.map { $0.prefix(6) }
    #expect(Set(names).count == names.count)
    #expect(try spool.bytes(spool.directory.current) == spool.segment(names.count - 1))
  }

  /// The numbers of the lines that a writer promised.
  private final class Acknowledged: Sendable {
    private let promised = Monitor<Set<Int>>([1])
    var numbers: Set<Int> { promised.withLock { $0 } }

    func append(_ number: Int, padding: Int = 0, by writer: SpoolWriter) {
      do {
        try writer.append(SpoolFixture.line(number, padding: padding))
        _ = promised.withLock { $0.insert(number) }
      } catch {}
    }
  }

  /// A reader that is there all the time, and what it has read. Used by one thread.
  private final class LiveReader: @unchecked Sendable {
    private var reader: SpoolReader
    private(set) var numbers: [Int] = []

    init(_ reader: consuming SpoolReader) {
      self.reader = reader
    }

    func readAll() throws {
      numbers += try reader.readAll().numbers
    }
  }

  /// Raised once, by one thread, for another that waits.
  private final class Flag: Sendable {
    private let isRaised = Monitor(false)
    private let changed = Condition()

    func raise() {
      isRaised.withLock { $0 = true }
      changed.broadcast()
    }

    func wait() {
      isRaised.wait(for: changed) { $0 ? () : nil }
    }
  }
}
