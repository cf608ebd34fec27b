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
    let stem =
      if name.hasSuffix(".ndjson") {
        name.dropLast(7)
      } else if name.hasSuffix(".ndjson.gz") {
        name.dropLast(10)
      } else {
        name.dropFirst(name.count)
      }
    guard let dash = stem.firstIndex(of: "-"), stem[..<dash].utf8.count >= 6,
      stem[..<dash].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(stem[..<dash]), number > 0,
      let createdAt = Timestamp(basic: stem[stem.index(after: dash)...])
    else { return nil }
    self.number = number
    self.createdAt = createdAt
    // One name for one segment: "0000042-…" would be looked for as "000042-…".
    guard description.dropLast(7) == stem else { return nil }
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
