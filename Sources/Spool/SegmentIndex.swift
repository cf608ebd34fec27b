import Glibc
package import JSONText
import Notice
package import SystemCalls

/// What was in the segments that left `segments/`, so that they can be accounted for when they are gone from the archive as
/// well. One line each in `state/archived.ndjson`, durable before the segment leaves (not in the
/// archive, where every line is a record):
///
///     {"segment":42,"records":100000,"damaged":0,"bytes":67108000,"first":"…receivedAt…","last":"…","crc32c":"9ae0daaf"}
///
/// The checksum is made as a record's; a line that fails it counts for nothing.
package struct SegmentIndex: Sendable {
  package struct Entry: Sendable, Equatable {
    package var records = 0
    /// Lines, and an unfinished end, that are no records.
    package var damaged = 0
    package var bytes = 0
    package var first: String?
    package var last: String?

    package init(records: Int = 0, damaged: Int = 0, bytes: Int = 0) {
      self.records = records
      self.damaged = damaged
      self.bytes = bytes
    }
  }

  private let path: String
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  /// Far from the end of a number, so that no sum of them overflows.
  private static let figureMax = 1 << 53

  private static let paths = MemberPaths(["segment", "records", "damaged", "bytes"])

  package init(_ directory: SpoolDirectory, _ system: any SystemCalls) {
    path = "\(directory.state)/archived.ndjson"
    self.directory = directory
    self.system = system
  }

  /// By segment number. A crash may have written one twice, to the same effect.
  package func entries() throws(SystemCallError) -> [Int: Entry] {
    var entries: [Int: Entry] = [:]
    let lines: LineSource
    do throws(SystemCallError) {
      lines = try LineSource(path: path, system)
    } catch {
      guard error.isMissing else { throw error }
      return entries
    }
    while let line = try lines.next() {
      guard (try? ChecksumSeal.verify(line.span)) != nil,
        let object = try? JSONText(validating: line.span, finding: Self.paths),
        let segment = object.integer(0), let records = object.integer(1),
        let damaged = object.integer(2), let bytes = object.integer(3), segment > 0,
        [segment, records, damaged, bytes].allSatisfy({ (0...Self.figureMax).contains($0) })
      else { continue }
      entries[segment] = Entry(records: records, damaged: damaged, bytes: bytes)
    }
    return entries
  }

  /// Counts what is in a segment that is finished, and writes it down.
  func add(_ name: SegmentName) throws(SystemCallError) {
    var entry = Entry()
    var records = RecordReader()
    let lines = try LineSource(path: directory.segment(name), system)
    while let line = try lines.next() {
      guard let record = try? records.record(of: line.span) else {
        entry.damaged += 1
        continue
      }
      entry.records += 1
      let time = record.string(.receivedAt)
      entry.first = entry.first ?? time
      entry.last = time
    }
    if !lines.rest.isEmpty { entry.damaged += 1 }
    entry.bytes = lines.offset + lines.rest.count

    var object = JSONObjectWriter()
    object.member("segment", number: name.number)
    object.member("records", number: entry.records)
    object.member("damaged", number: entry.damaged)
    object.member("bytes", number: entry.bytes)
    object.member("first", string: entry.first)
    object.member("last", string: entry.last)
    var line = Array(object.bytes.dropLast())
    ChecksumSeal.close(&line)
    var file = try LineFile.open(path, in: directory.state, system)
    try file.append(line + [UInt8(ascii: "\n")], syncing: true)
  }
}

extension JSONText {
  /// The member as a whole number.
  package func integer(_ member: Int) -> Int? {
    token(member).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  }
}

extension SystemCallError {
  /// There is no such file.
  package var isMissing: Bool { errno == ENOENT }
}
