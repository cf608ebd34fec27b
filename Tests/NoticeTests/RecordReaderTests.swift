import JSONText
import Testing

@testable import Notice

struct RecordReaderTests {
  private static func line(_ text: String) throws -> [UInt8] {
    let line = try NoticeRecord.line(
      for: JSONText(validating: Array("{\"text\":\"\(text)\"}".utf8)), kind: .other,
      request: ReceivedRequest(remote: "192.0.2.1", method: "GET", path: "/notice"),
      receivedAt: 1_795_330_112_123_000_000, random: 1)
    return line.dropLast()
  }

  private static func address(of record: NoticeRecord) -> UInt {
    unsafe record.line.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
  }

  @Test func `a record that was given back and that somebody has stays as it is`() throws {
    let lines = try ["one", "two and more", "3"].map(Self.line)
    var reader = RecordReader()
    // One after the other has its shape remembered, and then is of it.
    var kept: [NoticeRecord] = []
    for _ in 0..<4 {
      for line in lines {
        let record = try reader.record(of: line.span)
        kept.append(record)
        reader.giveBack(record)
      }
    }
    #expect(kept.map(\.line) == (0..<4).flatMap { _ in lines })
  }

  @Test func `the memory of a record that nobody has any more serves for the next`() throws {
    let line = try Self.line("the same")
    var reader = RecordReader()
    for _ in 0..<3 { _ = try reader.record(of: line.span) }
    // What is freed goes to these.
    var others: [NoticeRecord] = []
    var before: UInt?
    for _ in 0..<8 {
      do {
        let record = try reader.record(of: line.span)
        #expect(record.line == line)
        #expect(before == nil || before == Self.address(of: record))
        before = Self.address(of: record)
        reader.giveBack(record)
      }
      others.append(try NoticeRecord(line: line.span))
    }
  }

  @Test func `no more lines are kept than so many, and no long ones`() throws {
    let line = try Self.line("short")
    let long = try Self.line(String(repeating: "x", count: 5000))
    var reader = RecordReader()
    let (record, other) = try (NoticeRecord(line: line.span), NoticeRecord(line: long.span))
    for _ in 0..<2 * RecordReader.sparesMax {
      reader.giveBack(other)
      #expect(reader.spares.isEmpty)
    }
    for _ in 0..<2 * RecordReader.sparesMax { reader.giveBack(record) }
    #expect(reader.spares.count == RecordReader.sparesMax)
  }
}
