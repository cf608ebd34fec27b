import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

struct SpoolWriterTests {
  @Test func `the first line makes the spool`() throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    let names = try FileManager.default.contentsOfDirectory(atPath: spool.directory.path)
    #expect(
      names.sorted() == [
        "archive", "current.ndjson", "dead", "lock", "quarantine", "rescue", "segments", "state",
      ])
    #expect(spool.segmentNames.count == 1)
    #expect(spool.segmentNames[0].wholeMatch(of: /000001-\d{8}T\d{6}Z\.ndjson/) != nil)
    #expect(try spool.bytes(spool.directory.current) == SpoolFixture.line(1))
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: spool.directory.current)
    #expect(target == "segments/\(spool.segmentNames[0])")
  }

  @Test func `the modes are 0750 and 0640 under an umask of 000`() async {
    await #expect(processExitsWith: .success) {
      umask(0o000)
      try Self.expectModes(directories: 0o750, files: 0o640)
    }
  }

  @Test func `the modes are 0700 and 0600 under an umask of 077`() async {
    await #expect(processExitsWith: .success) {
      umask(0o077)
      try Self.expectModes(directories: 0o700, files: 0o600)
    }
  }

  private static func expectModes(directories: Int, files: Int) throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    try Quarantine(.refused, spool.directory, spool.settings, LinuxSystemCalls()).keep(
      QuarantineEntry(reason: "a", bytes: [1], origin: .file("b")), syncing: true)
    try AtomicFile("a.json", in: spool.directory.state, LinuxSystemCalls()).replace([1])
    for path in [""] + FileManager.default.subpaths(atPath: spool.directory.path)! {
      let whole = "\(spool.directory.path)/\(path)"
      let status = try LinuxSystemCalls().lstat(whole)
      let isLink = status.mode & S_IFMT == S_IFLNK
      let expected = isLink ? 0o777 : status.isDirectory ? directories : files
      guard Int(status.mode & 0o7777) == expected else {
        fatalError("\(whole) has mode \(String(status.mode, radix: 8))")
      }
    }
  }

  @Test func `a segment is followed by a new one when it has its bytes`() throws {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 1500
    let writer = spool.writer()
    for number in 1...10 { try writer.append(SpoolFixture.line(number, padding: 200)) }
    #expect(spool.segmentNames.map { $0.prefix(6) } == ["000001", "000002", "000003", "000004"])
    #expect(try spool.numbers() == Array(1...10))
    for index in 0..<4 { #expect(try spool.segment(index).count <= 1500) }
    #expect(try spool.bytes(spool.directory.current) == spool.segment(3))
    // A line longer than a segment has one to itself.
    try writer.append(SpoolFixture.line(11, padding: 5000))
    #expect(spool.segmentNames.count == 5)
    #expect(try spool.numbers() == Array(1...11))
  }

  @Test func `a segment is followed by a new one when it is old enough`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    let writer = spool.writer(system)
    try writer.append(SpoolFixture.line(1))
    system.advance(seconds: 3590)
    try writer.append(SpoolFixture.line(2))
    system.advance(seconds: 11)
    try writer.append(SpoolFixture.line(3))
    // A clock set back ages nothing.
    system.advance(seconds: -7200)
    try writer.append(SpoolFixture.line(4))
    #expect(spool.segmentNames.count == 2)
    #expect(try spool.numbers() == [1, 2, 3, 4])
  }

  @Test func `64 threads share syncs, and every line is there whole and once`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    let writer = spool.writer(system)
    let (come, changed) = (Monitor(0), Condition())
    // The first sync lasts until all have come, so that the second is for nearly all of them.
    system.before("fdatasync") { come.wait(for: changed) { $0 == 64 ? () : nil } }
    try appendFromThreads([writer], threads: 64, lines: 50) {
      come.withLock { $0 += 1 }
      changed.signal()
    }
    #expect(try spool.numbers().sorted() == Array(0..<3200))
    #expect(system.count("fdatasync") < 3200 / 2)
  }

  @Test func `several processes share one spool, and every line is there whole and once`() throws {
    var spool = try SpoolFixture()
    // Small segments, so that they meet at the step from one to the next as well.
    spool.settings.segmentBytesMax = 20_000
    spool.settings.lockWaitSecondsMax = 60
    let writers = (0..<4).map { _ in spool.writer() }
    try appendFromThreads(writers, threads: 16, lines: 50)
    #expect(try spool.numbers().sorted() == Array(0..<800))
    let numbers = spool.segmentNames.map { String($0.prefix(6)) }
    #expect(Set(numbers).count == numbers.count)
    var reader = SpoolReader(spool.directory, from: nil, LinuxSystemCalls())
    let all = try reader.readAll()
    #expect(all.numbers.count == 800 && all.told.isEmpty)
  }

  /// Each thread calls `begins` before its first line.
  private func appendFromThreads(
    _ writers: [SpoolWriter], threads: Int, lines: Int, begins: @escaping @Sendable () -> Void = {}
  ) throws {
    let running = try (0..<threads).map { thread in
      try WorkerThread(name: "writer \(thread)") {
        begins()
        for index in 0..<lines {
          do {
            try writers[thread % writers.count].append(
              SpoolFixture.line(thread * lines + index, padding: index * 10))
          } catch {
            Issue.record("\(error)")
          }
        }
      }
    }
    for thread in running { thread.join() }
  }

  @Test func `names are durable before the first byte, and a line before it is acknowledged`()
    throws
  {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    try spool.writer(system).append(SpoolFixture.line(1))
    #expect(
      steps(system, spool) == [
        "fsync ..", "fsync .", "symlink .current.next", "rename current.ndjson", "fsync ..",
        "fsync .",
        "open segment", "fsync segments", "write segment", "unlock lock", "fdatasync segment",
      ])
  }

  @Test func `the lock is given back between the write and the sync`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    let writer = spool.writer(system)
    try writer.append(SpoolFixture.line(1))
    system.clearLog()
    try writer.append(SpoolFixture.line(2))
    #expect(steps(system, spool) == ["write segment", "unlock lock", "fdatasync segment"])
  }

  /// The calls that change something, paths written short.
  private func steps(_ system: FaultySystemCalls, _ spool: SpoolFixture) -> [String] {
    let names = [
      "fsync", "symlink", "rename", "write", "unlock", "fdatasync", "ftruncate",
    ]
    return system.log.compactMap { call in
      let isSegment = call.path.hasPrefix(spool.directory.segments + "/")
      guard names.contains(call.name) || (call.name == "open" && isSegment) else { return nil }
      let path =
        switch call.path {
        case spool.home.path: ".."
        case spool.directory.path: "."
        case _ where isSegment: "segment"
        default: String(call.path.dropFirst(spool.directory.path.count + 1))
        }
      return "\(call.name) \(path)"
    }
  }

  @Test(arguments: [
    (SpoolSettings.Durability.sync, 1, 5), (.write, 0, 4), (.none, 0, 2),
  ])
  func `what is synced is as the settings say`(
    durability: SpoolSettings.Durability, fdatasyncs: Int, fsyncs: Int
  ) throws {
    var spool = try SpoolFixture()
    spool.settings.durability = durability
    let system = FaultySystemCalls()
    try spool.writer(system).append(SpoolFixture.line(1))
    #expect(system.count("fdatasync") == fdatasyncs)
    #expect(system.count("fsync") == fsyncs)
    #expect(try spool.numbers() == [1])
  }
}
