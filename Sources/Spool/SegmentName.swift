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

  /// Digits of a number: as many zeroes before it as it takes to have the first.
  private static let digits = 6...18
  private static let timeCount = 16

  /// Reads a file's name; nil for one that is no segment's. An archived segment may end in `.gz`.
  package init?(_ name: some StringProtocol) {
    let bytes = Array(name.utf8)
    var text = bytes[...]
    if text.suffix(3).elementsEqual(".gz".utf8) { text.removeLast(3) }
    guard text.suffix(7).elementsEqual(".ndjson".utf8) else { return nil }
    text.removeLast(7)
    let time = text.suffix(Self.timeCount)
    text.removeLast(time.count)
    guard text.popLast() == UInt8(ascii: "-"), Self.digits.contains(text.count),
      text.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let createdAt = Timestamp(basic: time.span)
    else { return nil }
    number = text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    // One name for one segment: "42-…" and "0000042-…" would be looked for as "000042-…".
    let isPadded = text.count > Self.digits.lowerBound && text.first == UInt8(ascii: "0")
    guard number > 0, !isPadded else { return nil }
    self.createdAt = createdAt
  }

  package var description: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, Self.digits.lowerBound - digits.count)) + digits
      + "-\(createdAt.basic).ndjson"
  }

  package static func < (left: SegmentName, right: SegmentName) -> Bool {
    (left.number, left.createdAt) < (right.number, right.createdAt)
  }
}
