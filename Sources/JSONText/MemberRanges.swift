/// Where the values of the members asked for stand in a text: for each path a range, or nil where the text has no such
/// member.
///
/// Kept as plain integers: to make the type of an array of optional ranges would cost a CGI process more than to scan a
/// notice.
package struct MemberRanges: RandomAccessCollection, Sendable {
  /// Of each range its start, which is negative for nil, and its end.
  private var bounds: [Int]

  /// None found yet.
  init(count: Int) {
    bounds = Array(repeating: -1, count: 2 * count)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { bounds.count / 2 }

  package internal(set) subscript(slot: Int) -> Range<Int>? {
    get {
      let start = bounds[2 * slot]
      return start < 0 ? nil : start..<bounds[2 * slot + 1]
    }
    set {
      bounds[2 &* slot] = newValue?.lowerBound ?? -1
      bounds[2 &* slot &+ 1] = newValue?.upperBound ?? -1
    }
  }
}
