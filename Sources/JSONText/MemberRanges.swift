/// Where the values of the members asked for stand in a text: for each path a range, or nil where the text has no such
/// member.
///
/// Kept as plain integers: to make the type of an array of optional ranges would cost a CGI process more than to scan a
/// notice.
package struct MemberRanges: RandomAccessCollection, Sendable {
  private var found: [Int]

  /// None of `paths`.
  init(noneOf paths: MemberPaths) {
    // A copy takes a third of what it takes to fill an array.
    found = unsafe paths.noneFound.withUnsafeBufferPointer { unsafe Array($0) }
  }

  /// ``JSONText/bytes(validating:finding:_:)``, found here.
  mutating func find(
    _ paths: MemberPaths, in source: Span<UInt8>
  ) throws(JSONTextError) -> [UInt8] {
    var members = found.mutableSpan
    return try JSONText.bytes(validating: source, finding: paths, &members)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { found.count }

  package subscript(slot: Int) -> Range<Int>? { FoundMember.range(found[slot]) }
}

/// The ranges while they are looked for, one for each path.
package typealias FoundMembers = MutableSpan<Int>

/// A range as one integer: its start in the lower half, its end in the upper one. Public, as only what is public is put in
/// place in another module.
public enum FoundMember {
  /// No range.
  @inlinable
  public static var none: Int { -1 }

  static func at(_ start: Int, _ end: Int) -> Int { end &<< 32 | start }

  @inlinable @inline(__always)
  public static func start(_ found: Int) -> Int? { found < 0 ? nil : found & 0xFFFF_FFFF }

  @inlinable @inline(__always)
  public static func range(_ found: Int) -> Range<Int>? {
    found < 0 ? nil : (found & 0xFFFF_FFFF)..<(found &>> 32)
  }
}
