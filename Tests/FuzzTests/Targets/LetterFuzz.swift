import JSONText
import Notice

@testable import NoticeSender

/// A line of `dead/` or of a requeue file: as it is, or around a record that is closed by its checksum.
enum LetterFuzz {
  static func run(_ input: [UInt8]) throws {
    guard let mode = input.first else { return }
    var line = Array(input.dropFirst())
    if mode % 2 == 1 {
      // The record is what stands behind the first NUL.
      let parts = line.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return }
      var record = Array(parts[1])
      ChecksumSeal.close(&record)
      line = parts[0] + record + Array("}".utf8)
    }
    guard let letter = Letter(line: line[...]) else { return }
    try RecordFuzz.look(at: letter.record)
    _ = (letter.key, letter.time, letter.reason, letter.attempts, letter.status)
    let again = Letter.replaying(letter.record, at: Timestamp(milliseconds: 1))
    try expect(
      Letter(line: again.dropLast())?.record.line == letter.record.line,
      "a letter's record is asked for again as it is")
  }
}
