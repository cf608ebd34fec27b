import JSONText

/// Reads records one after the other. Most have the shape of one before, and so cost less than each alone.
package struct RecordReader: Sendable {
  private var shapes: ShapeMemory? = ShapeMemory(finding: RecordScan.paths)
  /// Lines of records that were read before, whose memory serves for others.
  private(set) var spares: [[UInt8]] = []

  static let sparesMax = 512
  private static let spareBytesMax = 4096

  package init() {}

  /// ``NoticeRecord/init(line:)``
  package mutating func record(of line: Span<UInt8>) throws(NoticeRecordError) -> NoticeRecord {
    try NoticeRecord(line: line, remembering: &shapes, in: spares.popLast() ?? [])
  }

  /// The caller needs the record no more; whoever else has it may keep it.
  package mutating func giveBack(_ record: NoticeRecord) {
    guard spares.count < Self.sparesMax, record.line.capacity <= Self.spareBytesMax else { return }
    spares.append(record.line)
  }
}
