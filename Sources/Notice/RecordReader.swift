import JSONText

/// Reads records one after the other. Most have the shape of one before, and so cost less than each alone.
package struct RecordReader: Sendable {
  private var shapes: ShapeMemory? = ShapeMemory(finding: RecordScan.paths)

  package init() {}

  /// ``NoticeRecord/init(line:)``
  package mutating func record(of line: Span<UInt8>) throws(NoticeRecordError) -> NoticeRecord {
    try NoticeRecord(line: line, remembering: &shapes)
  }
}
