import JSONText

/// Where in a record's line the members stand that ``RecordMember/paths`` name. In place and not in memory of their own, as a
/// sender has thousands of them.
struct RecordMembers: Sendable {
  private var found = InlineArray<62, Int>(repeating: FoundMember.none)

  /// Validates the line; returns it without white space, in which the members stand.
  mutating func find(in line: Span<UInt8>) throws(JSONTextError) -> [UInt8] {
    var members = found.mutableSpan
    return try JSONText.bytes(validating: line, finding: RecordMember.paths, &members)
  }

  subscript(slot: Int) -> Range<Int>? { FoundMember.range(found[slot]) }
}
