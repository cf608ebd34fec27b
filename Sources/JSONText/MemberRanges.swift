/// Where the values of the members asked for stand in a text: for each path a range, or nil where the text has no such
/// member.
///
/// Kept as plain integers: to make the type of an array of optional ranges would cost a CGI process more than to scan a
/// notice.
package struct MemberRanges: RandomAccessCollection, Sendable {
  /// Of each range its start, which is negative for nil, and its end.
  private let bounds: [Int]

  /// What `find` has found of `paths`: it begins with none.
  init(
    of paths: MemberPaths, find: (inout FoundMembers) throws(JSONTextError) -> Void
  ) throws(JSONTextError) {
    // A copy takes a third of what it takes to fill an array.
    var bounds = unsafe paths.noneFound.withUnsafeBufferPointer { unsafe Array($0) }
    var found = bounds.mutableSpan
    try find(&found)
    self.bounds = bounds
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { bounds.count / 2 }

  package subscript(slot: Int) -> Range<Int>? {
    let start = bounds[2 * slot]
    return start < 0 ? nil : start..<bounds[2 * slot + 1]
  }
}

/// The ranges while they are looked for.
typealias FoundMembers = MutableSpan<Int>

extension FoundMembers {
  mutating func set(_ slot: Int, _ start: Int, _ end: Int) {
    self[2 &* slot] = start
    self[2 &* slot &+ 1] = end
  }

  mutating func clear(_ slot: Int) { set(slot, -1, -1) }
}
