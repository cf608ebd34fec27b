import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

/// What is damaged, gone or shorter than it was.
extension SpoolReaderTests {
  @Test func `a damaged line is told and passed over`() throws {
    try fill(1...3)
    var bytes = try spool.segment(0)
    bytes[40] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path(0)))
    var reader = reader()
    let line = SpoolFixture.line(1, padding: 100)
    guard case .damaged(let damaged, let name, let reason, let next) = try reader.read() else {
      throw SpoolWriteError.contended
    }
    #expect(damaged == Array(bytes.prefix(line.count - 1)))
    #expect(name.number == 1 && next == SpoolPosition(segment: 1, offset: line.count))
    #expect(reason == "the checksum does not fit the line")
    #expect(try reader.readAll().numbers == [2, 3])
  }

  @Test func `a segment damaged at any byte costs the lines it hits and no other`() throws {
    try fill(1...4)
    let sound = try spool.segment(0)
    let lineBytes = SpoolFixture.line(1, padding: 100).count
    for index in sound.indices {
      var bytes = sound
      bytes[index] ^= 0x55
      try Data(bytes).write(to: URL(fileURLWithPath: path(0)))
      var reader = SpoolReader(spool.directory, from: nil, FaultySystemCalls(syncing: .skipped))
      let all = try reader.readAll()
      // A newline that goes joins two lines.
      let hit = bytes[index] == sound[index] ? [] : [index / lineBytes + 1]
      let joined = sound[index] == 0x0A ? [index / lineBytes + 2] : []
      let expected = (1...4).filter {
        !hit.contains($0) && !(joined.contains($0) && $0 <= sound.count / lineBytes)
      }
      #expect(all.numbers == expected, "byte \(index)")
      #expect(!all.told.isEmpty)
    }
  }

  @Test func `the torn end of a finished segment is told, once it is finished`() throws {
    try fill(1...2)
    try spool.append(Array("{\"torn".utf8), to: path(0))
    var reader = reader()
    #expect(try reader.readAll().told == [])
    let system = FaultySystemCalls()
    // The writer cannot repair it and goes on beside it.
    system.fail("open", "quarantine/", errno: EACCES)
    try spool.writer(system).append(SpoolFixture.line(3))
    let all = try reader.readAll()
    #expect(all.told == ["1: the segment's last line was never finished"])
    #expect(all.numbers == [3])
  }

  @Test(arguments: [0, 50])
  func `a missing segment is told, and reading goes on in the next`(offset: Int) throws {
    try fill(1...6)
    try FileManager.default.removeItem(atPath: path(1))
    var reader = reader(from: SpoolPosition(segment: 2, offset: offset))
    let all = try reader.readAll()
    #expect(all.told.count == 1)
    #expect(all.told.first?.hasPrefix("segment 2 is gone; reading goes on in 000003-") == true)
    #expect(all.numbers == [5, 6])
    var first = self.reader()
    let passed = try first.readAll()
    #expect(passed.numbers == [1, 2, 5, 6])
    #expect(passed.told.count == 1)
    #expect(passed.told.first?.hasPrefix("there is nothing between segment 1 and 000003-") == true)
  }

  @Test func `a segment that is shorter than it was is told, and what comes after is read`() throws
  {
    try fill(1...4)
    var reader = reader(from: SpoolPosition(segment: 1, offset: 5000))
    let all = try reader.readAll()
    #expect(all.told.count == 1)
    #expect(all.told.first?.contains("fewer than the 5000 read before") == true)
    #expect(all.numbers == [3, 4])
  }

  @Test func `a position beyond a spool that was made anew is told, and it is read from its start`()
    throws
  {
    try fill(1...3)
    var reader = reader(from: SpoolPosition(segment: 42, offset: 17))
    let all = try reader.readAll()
    #expect(all.told.count == 1)
    #expect(all.numbers == [1, 2, 3])
  }

  @Test func `a reader waits where all segments up to its position are archived`() throws {
    try fill(1...1)
    try FileManager.default.moveItem(
      atPath: path(0), toPath: spool.directory.archive + "/old.ndjson")
    var reader = reader(from: SpoolPosition(segment: 1, offset: 5))
    let all = try reader.readAll()
    #expect(all.numbers.isEmpty && all.told.isEmpty)
  }

  @Test func `a position in a segment whose sync failed is never to be recorded`() throws {
    try fill(1...2)
    var reader = reader()
    #expect(try reader.readAll().numbers == [1, 2])
    let isSynced3 = reader.sync()
    #expect(isSynced3)
    system.fail("fdatasync", errno: EIO)
    let isSynced4 = reader.sync()
    #expect(!isSynced4)
    let isSynced5 = reader.sync()
    #expect(!isSynced5)
    try fill(3...3)
    #expect(try reader.readAll().numbers == [3])
    let isSynced6 = reader.sync()
    #expect(isSynced6)
  }
}
