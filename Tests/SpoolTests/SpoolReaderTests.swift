import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

struct SpoolReaderTests {
  var spool: SpoolFixture
  let system = FaultySystemCalls(syncing: .skipped)

  init() throws {
    spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 800
  }

  /// Lines of one length, two to a segment.
  func fill(_ numbers: ClosedRange<Int>) throws {
    let writer = spool.writer()
    for number in numbers { try writer.append(SpoolFixture.line(number, padding: 100)) }
  }

  func reader(from position: SpoolPosition? = nil) -> SpoolReader {
    SpoolReader(spool.directory, from: position, system)
  }

  func path(_ index: Int) -> String {
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
}
