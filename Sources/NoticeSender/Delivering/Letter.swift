import JSONText
import Notice

/// A record that a person has to do with: a dead letter, or one that is asked for again. One line of
/// `dead/<destination>.ndjson` or of `state/<destination>.requeue.ndjson`.
struct Letter {
  /// By which one letter is told from others of its destination.
  struct Key: Hashable {
    let id: String
    /// It was delivered or filtered before, and is asked for once more: it counts for itself.
    let isReplay: Bool
  }

  let time: String
  let reason: String?
  let attempts: Int?
  let status: Int?
  let isReplay: Bool
  let record: NoticeRecord

  var key: Key { Key(id: record.id, isReplay: isReplay) }

  private static let paths = MemberPaths([
    "time", "reason", "attempts", "status", "replay", "record",
  ])

  /// nil: the line is none.
  init?(line: ArraySlice<UInt8>) {
    guard let object = try? JSONText(validating: line.span, finding: Self.paths),
      let time = object.token(0).flatMap(JSONString.text), let token = object.token(5),
      let record = try? NoticeRecord(line: token.span)
    else { return nil }
    self.time = time
    reason = object.token(1).flatMap(JSONString.text)
    attempts = object.token(2).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    status = object.token(3).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    isReplay = object.token(4).map { $0.elementsEqual("true".utf8) } ?? false
    self.record = record
  }

  /// The letters of a line, each with its own: one, or several where the newline between them was damaged, or none.
  static func all(in line: ArraySlice<UInt8>) -> [(letter: Letter, line: ArraySlice<UInt8>)] {
    if let letter = Letter(line: line) { return [(letter, line)] }
    return pieces(of: line).compactMap { piece in Letter(line: piece).map { ($0, piece) } }
  }

  /// A line cut before and behind each letter that is in it; the byte in the place of a newline is left out.
  static func pieces(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let starts = line.ranges(of: beginning).map(\.lowerBound).filter { $0 > line.startIndex }
    var pieces: [(bytes: ArraySlice<UInt8>, isLetter: Bool)] = []
    for (start, next) in zip([line.startIndex] + starts, starts + [line.endIndex + 1]) {
      guard start < next else { continue }
      let bytes = line[start..<next - 1]
      let isLetter = Letter(line: bytes) != nil
      if !isLetter, let last = pieces.last, !last.isLetter {
        pieces[pieces.count - 1].bytes = line[last.bytes.startIndex..<next - 1]
      } else {
        pieces.append((bytes, isLetter))
      }
    }
    return pieces.map(\.bytes)
  }

  private static let beginning = Array("{\"time\":".utf8)

  /// The line, with its newline, by which a record is asked for once more.
  static func replaying(_ record: NoticeRecord, at time: Timestamp) -> [UInt8] {
    var object = JSONObjectWriter()
    object.member("time", string: time.rfc3339)
    object.member("replay", bool: true)
    object.member("record", token: record.line)
    return object.bytes + [UInt8(ascii: "\n")]
  }
}
