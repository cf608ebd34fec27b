import JSONText

/// Where in a record's line the members stand that ``RecordMember/paths`` name. In place and not in memory of their own, as a
/// sender has thousands of them.
struct RecordMembers: Sendable {
  private var found = InlineArray<62, Int>(repeating: FoundMember.none)

  /// Validates the line; returns it without white space, in which the members stand.
  mutating func find(
    in line: Span<UInt8>, _ shapes: inout ShapeMemory?
  ) throws(JSONTextError) -> [UInt8] {
    var members = found.mutableSpan
    if let text = try shapes?.bytes(validating: line, &members) { return text }
    return try JSONText.bytes(validating: line, finding: RecordMember.paths, &members)
  }

  subscript(slot: Int) -> Range<Int>? { FoundMember.range(found[slot]) }
}
