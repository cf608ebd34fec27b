package import Notice

/// The name of a segment: `000042-20261122T064832Z.ndjson`, its number and when it was made. A number is never used
/// twice; the highest is the one being written.
package struct SegmentName: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let number: Int
  package let createdAt: Timestamp

  package init(number: Int, createdAt: Timestamp) {
    self.number = number
    // As the name tells it, so that a name read is equal to the name made.
    self.createdAt = Timestamp(basic: createdAt.basic) ?? createdAt
  }

  /// Reads a file's name; nil for one that is no segment's. An archived segment may end in `.gz`.
  package init?(_ name: some StringProtocol) {
    var stem = Array(name.utf8)[...]
    if stem.suffix(3).elementsEqual(".gz".utf8) { stem.removeLast(3) }
    guard stem.suffix(7).elementsEqual(".ndjson".utf8) else { return nil }
    stem.removeLast(7)
    guard let dash = stem.firstIndex(of: UInt8(ascii: "-")),
      let number = Int(String(decoding: stem[..<dash], as: UTF8.self)), number > 0,
      let createdAt = Timestamp(basic: String(decoding: stem[(dash + 1)...], as: UTF8.self))
    else { return nil }
    self.number = number
    self.createdAt = createdAt
    // One name for one segment: "42-…" and "0000042-…" would be looked for as "000042-…".
    guard description.utf8.dropLast(7).elementsEqual(stem) else { return nil }
  }

  package var description: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      + "-\(createdAt.basic).ndjson"
  }

  package static func < (left: SegmentName, right: SegmentName) -> Bool {
    (left.number, left.createdAt) < (right.number, right.createdAt)
  }
}
