import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

struct SpoolReaderTests {
  private var spool: SpoolFixture
  private let system = FaultySystemCalls(syncing: .skipped)

  init() throws {
    spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 800
  }

  /// Lines of one length, two to a segment.
  private func fill(_ numbers: ClosedRange<Int>) throws {
    let writer = spool.writer()
    for number in numbers { try writer.append(SpoolFixture.line(number, padding: 100)) }
  }

  private func reader(from position: SpoolPosition? = nil) -> SpoolReader {
    SpoolReader(spool.directory, from: position, system)
  }

  private func path(_ index: Int) -> String {
    "\(spool.directory.segments)/\(spool.segmentNames[index])"
  }

  @Test func `an empty spool, and one that is not there, has an end`() throws {
    try spool.directory.create(system)
    var reader = reader()
    guard case .end = try reader.read() else { throw SpoolWriteError.contended }
    let isSynced1 = reader.sync()
    #expect(isSynced1)
    try fill(1...1)
    #expect(try reader.readAll().numbers == [1])
  }

  @Test func `records come in order, from segment to segment`() throws {
    try fill(1...9)
    #expect(spool.segmentNames.count > 3)
    var reader = reader()
    let all = try reader.readAll()
    #expect(all.numbers == Array(1...9) && all.told.isEmpty)
    #expect(system.descriptorsOpen == 1)
  }

  @Test func `the directory is looked through once, not once for each segment`() throws {
    try fill(1...40)
    system.clearLog()
    var reader = reader()
    #expect(try reader.readAll().numbers == Array(1...40))
    #expect(spool.segmentNames.count == 20)
    #expect(system.count("list", "segments") <= 2)
    // As when a sender starts with many pending.
    system.clearLog()
    for index in 0..<20 {
      let name = try #require(SegmentName(spool.segmentNames[index]))
      let record = try reader.record(at: SpoolPosition(segment: name.number, offset: 0))
      #expect(record != nil)
    }
    #expect(system.count("list", "segments") == 0)
  }

  @Test func `a segment that goes after the directory was looked at is told, and no other is lost`()
    throws
  {
    try fill(1...10)
    var reader = reader()
    guard case .record = try reader.read() else { throw SpoolWriteError.contended }
    try FileManager.default.removeItem(atPath: path(2))
    var numbers: [Int] = []
    var missing = 0
    for _ in 0..<30 {
      // It fails once, where it expected a file.
      switch try? reader.read() {
      case .record(let record, _): numbers.append(try SpoolFixture.number(of: record))
      case .missing: missing += 1
      case .damaged, .end, nil: break
      }
    }
    #expect(numbers == [2, 3, 4, 7, 8, 9, 10] && missing == 1)
  }

  @Test func `a reader goes on while the spool grows`() throws {
    var reader = reader()
    try spool.directory.create(system)
    for number in 1...9 {
      try fill(number...number)
      let all = try reader.readAll()
      #expect(all.numbers == [number] && all.told.isEmpty)
      let isSynced2 = reader.sync()
      #expect(isSynced2)
    }
  }

  @Test func `a line that arrives piece by piece is read when it is whole`() throws {
    try fill(1...1)
    var reader = reader()
    #expect(try reader.readAll().numbers == [1])
    let line = SpoolFixture.line(2)
    for byte in line.dropLast() {
      try spool.append([byte], to: spool.directory.current)
      #expect(try reader.readAll().numbers == [])
    }
    try spool.append([0x0A], to: spool.directory.current)
    #expect(try reader.readAll().numbers == [2])
  }

  /// The reader has seen the torn line; then a writer puts another one in its place.
  @Test(arguments: [1, 10, 250, 5000])
  func `a torn line that was cut off meanwhile is not mixed with what stands there now`(
    count: Int
  ) throws {
    var spool = spool
    spool.settings.segmentBytesMax = 64 << 20
    let writer = spool.writer()
    try writer.append(SpoolFixture.line(1))
    try spool.append([UInt8](repeating: 0x7B, count: count), to: spool.directory.current)
    var reader = reader()
    #expect(try reader.readAll().numbers == [1])
    try writer.append(SpoolFixture.line(2))
    let all = try reader.readAll()
    #expect(all.numbers == [2] && all.told.isEmpty)
  }

  /// The second read begins with the torn line, and the third would go on behind it.
  @Test(arguments: [2, 3])
  func `a line that is put in a torn one's place between two reads of it is read whole`(
    call: Int
  ) throws {
    var spool = spool
    spool.settings.segmentBytesMax = 64 << 20
    let other = spool.writer()
    try spool.writer().append(SpoolFixture.line(1))
    try spool.append(Array("{\"torn".utf8), to: spool.directory.current)
    system.before("pread", "segments/", call: call) {
      try? other.append(SpoolFixture.line(2))
    }
    var reader = reader()
    let all = try reader.readAll()
    #expect(all.numbers == [1, 2] && all.told.isEmpty)
  }

  @Test func `a line longer than one read comes whole`() throws {
    let writer = spool.writer()
    try writer.append(SpoolFixture.line(1, padding: 700_000))
    try writer.append(SpoolFixture.line(2))
    var reader = reader()
    #expect(try reader.readAll().numbers == [1, 2])
  }

  @Test func `nearly every byte is read once`() throws {
    var spool = spool
    spool.settings.segmentBytesMax = 64 << 20
    let writer = spool.writer()
    for number in 1...3000 { try writer.append(SpoolFixture.line(number, padding: 700)) }
    var reader = reader()
    system.clearLog()
    #expect(try reader.readAll().numbers.count == 3000)
    let bytes = try spool.segment(0).count
    // By 256 KiB, and once more what is cut by a read's end; the last finds the end.
    #expect(system.count("pread", "segments") == bytes / (256 << 10) + 2)
  }

  @Test func `reading resumes at every position it ever gave`() throws {
    try fill(1...7)
    var reader = reader()
    var position = SpoolPosition(segment: 0, offset: 0)
    for number in 1...7 {
      var resumed = self.reader(from: position)
      #expect(try resumed.readAll().numbers == Array(number...7))
      guard case .record(_, let next) = try reader.read() else { throw SpoolWriteError.contended }
      #expect(next > position)
      position = next
    }
  }

  @Test func `a put-off record is found again at its position`() throws {
    try fill(1...5)
    var reader = reader()
    var places: [SpoolPosition] = []
    for _ in 1...5 {
      // Where the next record stands is known once the reader is there.
      let before = reader.next
      guard case .record(_, let next) = try reader.read() else { throw SpoolWriteError.contended }
      let isNewSegment = before.segment != next.segment
      places.append(isNewSegment ? SpoolPosition(segment: next.segment, offset: 0) : before)
    }
    for (index, place) in places.enumerated() {
      let record = try reader.record(at: place)
      #expect(try record.map(SpoolFixture.number) == index + 1)
    }
    for place in [(1, 3), (1, 1 << 20), (99, 0)] {
      let record = try reader.record(at: SpoolPosition(segment: place.0, offset: place.1))
      #expect(record.map(\.id) == nil)
    }
  }

  @Test mutating func `records read once more that stand near by are read together`() throws {
    spool.settings.segmentBytesMax = 1 << 20
    let writer = spool.writer()
    var places: [SpoolPosition] = []
    for number in 1...100 {
      let offset = spool.segmentNames.isEmpty ? 0 : try spool.segment(0).count
      places.append(SpoolPosition(segment: 1, offset: offset))
      try writer.append(SpoolFixture.line(number, padding: 100))
    }
    var reader = reader()
    _ = try reader.readAll()
    system.clearLog()
    for (index, place) in places.enumerated() {
      #expect(try reader.record(at: place).map(SpoolFixture.number) == index + 1)
    }
    #expect(system.count("open", "segments") == 1)
    #expect(system.count("pread", "segments") == 1)
    // What was read is not what stands there now: then it is read anew.
    var bytes = try spool.segment(0)
    bytes[places[50].offset + 40] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path(0)))
    let isSynced = reader.sync()
    #expect(isSynced)
    #expect(try reader.record(at: places[50]) == nil)
    #expect(try reader.record(at: places[51]).map(SpoolFixture.number) == 52)
    bytes[places[50].offset + 40] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path(0)))
    #expect(try reader.record(at: places[50]).map(SpoolFixture.number) == 51)
  }

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
