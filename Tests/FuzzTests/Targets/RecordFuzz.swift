import JSONText

@testable import Notice

/// A line of a segment. The first byte of the input says how: as it is, closed by its checksum, or as a body that a request
/// brought.
enum RecordFuzz {
  static func run(_ input: [UInt8]) throws {
    guard let mode = input.first else { return }
    let rest = Array(input.dropFirst())
    switch mode % 3 {
    case 0: try read(rest)
    case 1:
      var line = rest
      ChecksumSeal.close(&line)
      try read(line)
    default: try write(rest)
    }
  }

  private static func read(_ line: [UInt8]) throws {
    let alone = try? NoticeRecord(line: line.span)
    if let alone { try look(at: alone) }
    var records = RecordReader()
    for _ in 0..<2 {
      let record = try? records.record(of: line.span)
      try expect(record?.line == alone?.line, "a line is read alike after others")
      for member in RecordMember.allCases {
        try expect(
          record?.range(of: member) == alone?.range(of: member), "its \(member) is found alike")
      }
    }
  }

  /// Everything that is ever asked of a record.
  static func look(at record: NoticeRecord) throws {
    try expect(!record.line.contains(0x0A), "a record is one line")
    try expect(ReferenceJSON.parse(record.line)?.text == record.line, "a record is JSON")
    for member in RecordMember.allCases { _ = record.string(member) }
    for field in NoticeField.allCases { _ = record.value(field) }
    for field in NoticeFilterField.allCases { _ = field.value(of: record) }
    _ = (record.chatKey, record.sentAt?.rfc3339, record.id)
    let message = NoticeMessage(record).bytes
    guard let node = ReferenceJSON.parse(message) else {
      throw FuzzFault(description: "a message is JSON")
    }
    try expect(node.text == message, "a message is one line without white space")
    try expect(node.value(at: ["token"]) == nil, "a message has no credential")
  }

  /// The input is cut at its NULs: path, query, user agent, address, and the body.
  private static func write(_ input: [UInt8]) throws {
    let parts = input.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
    guard let last = parts.last,
      let body = try? JSONText(validating: Array(last), finding: NoticeKind.bodyPaths)
    else { return }
    let words = parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
    let word = { (index: Int) in index < words.count ? words[index] : "" }
    let request = ReceivedRequest(
      remote: word(3), method: "GET", path: word(0), query: word(1), userAgent: word(2))
    var line = NoticeRecord.line(
      for: body, kind: NoticeKind(of: body), request: request,
      receivedAt: Int64(input.count) &* 0x1234_5678_9ABC, random: UInt64(input.count))
    try expect(line.popLast() == 0x0A && !line.contains(0x0A), "a record has one newline")
    let record = try NoticeRecord(line: line.span)
    try expect(record.line == line, "a record is read as it was written")
    try expect(Array(record.body) == body.bytes, "a body is kept byte for byte")
    for (member, text) in [
      (RecordMember.path, request.path), (.query, word(1)), (.userAgent, word(2)),
      (.remote, request.remote),
    ] {
      try expect(record.string(member) == text, "\(member) is kept, whatever is in it")
    }
    try look(at: record)
    // Of the input's own choosing, so that the same input always does the same.
    let bit = (input.count &* 7919 &+ Int(last.first ?? 0)) % (line.count * 8)
    line[bit / 8] ^= 1 << UInt8(bit % 8)
    try expect((try? NoticeRecord(line: line.span)) == nil, "a flipped bit is seen")
  }
}
