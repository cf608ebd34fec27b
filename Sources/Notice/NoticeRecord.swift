package import JSONText

/// One line of the spool: a notice with the facts of its arrival, checked by a CRC32C.
///
///     {"id":"…","receivedAt":"…","remote":"…","method":"GET","path":"/notice","kind":"message","body":{…},"crc32c":"9ae0daaf"}
///
/// `query` and `userAgent` stand after `path` where the request had them. The checksum is over every byte before
/// `,"crc32c"`. The line is one JSON text, so that it can be read with `jq`. It never changes, and is passed on from thread
/// to thread.
package final class NoticeRecord: Sendable {
  /// The line without its newline.
  package let line: [UInt8]
  package let kind: NoticeKind
  let members: RecordMembers

  /// How every line begins, and where in it the id and the time have their places.
  private static let start: StaticString =
    "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"receivedAt\":\"0000-00-00T00:00:00.000Z\",\"remote\":"
  private static let idStart = 7
  private static let timeStart = idStart + UUIDv7.textCount + 16

  /// The whole line, newline included, for a body that came with `request` at `nanoseconds` since 1970.
  package static func line(
    for body: JSONText, kind: NoticeKind, request: ReceivedRequest,
    receivedAt nanoseconds: Int64, random: UInt64
  ) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(body.bytes.count + 384)
    line.append(literal: start)
    UUIDv7(nanosecondsSince1970: nanoseconds, random: random).write(to: &line, at: idStart)
    Timestamp(milliseconds: nanoseconds / 1_000_000).write(to: &line, at: timeStart)
    JSONString.append(request.remote, to: &line)
    line.append(literal: ",\"method\":")
    JSONString.append(request.method, to: &line)
    line.append(literal: ",\"path\":")
    JSONString.append(request.path, to: &line)
    if let query = request.query {
      line.append(literal: ",\"query\":")
      JSONString.append(query, to: &line)
    }
    if let userAgent = request.userAgent {
      line.append(literal: ",\"userAgent\":")
      JSONString.append(userAgent, to: &line)
    }
    line.append(literal: ",\"kind\":\"")
    line.append(contentsOf: kind.rawValue.utf8)
    line.append(literal: "\",\"body\":")
    line.append(contentsOf: body.bytes)
    ChecksumSeal.close(&line)
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// Reads a line, its newline left off. What fails the checksum is not looked at any further.
  package convenience init(line: Span<UInt8>) throws(NoticeRecordError) {
    var shapes: ShapeMemory?
    try self.init(line: line, remembering: &shapes, in: [])
  }

  /// The same for one who reads many: see ``RecordReader``. `memory`: of an array that nobody else has.
  init(
    line: Span<UInt8>, remembering shapes: inout ShapeMemory?, in memory: consuming [UInt8]
  ) throws(NoticeRecordError) {
    do throws(ChecksumSeal.Fault) {
      try ChecksumSeal.verify(line)
    } catch {
      throw error == .missing ? .noChecksum : .wrongChecksum
    }
    var scan = RecordScan()
    let compact: [UInt8]?
    do {
      compact = try scan.find(in: line, &shapes)
    } catch {
      throw .notJSON(error)
    }
    if let compact {
      (kind, members) = try Self.look(at: compact.span, scan)
      self.line = compact
    } else {
      (kind, members) = try Self.look(at: line, scan)
      // Copied last: what is in the cache was looked at, and what is written need not be there yet.
      memory.removeAll(keepingCapacity: true)
      unsafe line.withUnsafeBufferPointer { unsafe memory.append(contentsOf: $0) }
      self.line = memory
    }
  }

  private static func look(
    at line: Span<UInt8>, _ scan: borrowing RecordScan
  ) throws(NoticeRecordError) -> (NoticeKind, RecordMembers) {
    guard let token = scan.range(of: .kind), let kind = NoticeKind(token: token, of: line)
    else { throw .noMember("kind") }
    guard let id = scan.range(of: .id), id.count == 38,
      line[id.lowerBound] == UInt8(ascii: "\""),
      !line.extracting(id).contains(UInt8(ascii: "\\"))
    else { throw .noMember("id") }
    guard scan.range(of: .body) != nil else { throw .noMember("body") }
    return (kind, RecordMembers(scan, of: kind, in: line))
  }

  /// What it takes up, about.
  package var memoryBytes: Int { line.count + MemoryLayout<RecordMembers>.size }
  /// A UUIDv7.
  package var id: String { string(.id) ?? "" }
  /// The body as it was received, white space between its tokens dropped.
  package var body: ArraySlice<UInt8> { members[.body].map { line[$0] } ?? [] }

  /// A member of the envelope as text; nil where it is absent or not a string.
  package func string(_ member: RecordMember) -> String? {
    members[member].flatMap { JSONString.text(line[$0]) }
  }
}

/// Why a line is not a record.
package enum NoticeRecordError: Error, CustomStringConvertible {
  case noChecksum, wrongChecksum
  case notJSON(JSONTextError)
  case noMember(String)

  package var description: String {
    switch self {
    case .noChecksum: "the line does not end in a checksum"
    case .wrongChecksum: "the checksum does not fit the line"
    case .notJSON(let error): "the line is not JSON: \(error)"
    case .noMember(let name): "the line has no \"\(name)\""
    }
  }
}
