/// A JSON text (RFC 8259) in UTF-8, valid and without white space between its tokens; otherwise byte for
/// byte as it came: numbers, escapes, the order of keys and repeated keys are not touched.
package struct JSONText: Sendable {
  /// Never empty, and free of line feeds: a control character in a string is escaped.
  package let bytes: [UInt8]
  /// Where in `bytes` the values of the paths asked for stand. Of a repeated key the last one counts,
  /// as in every common parser; key comparison leaves white space around a key aside.
  package let members: MemberRanges

  /// Levels of nesting that a text may have.
  package static let depthMax = 512
  /// Bytes that a text may have.
  package static let bytesMax = Int(Int32.max)

  /// Validates `source`, drops white space and finds members, in one pass whose time and memory are
  /// linear in the text's length.
  package init(
    validating source: Span<UInt8>, finding paths: MemberPaths = JSONText.noPaths
  ) throws(JSONTextError) {
    var members = MemberRanges(noneOf: paths)
    bytes = try members.find(paths, in: source)
    self.members = members
  }

  /// The same for one who keeps the members: ``FoundMember/none`` or a range for each of the paths.
  package static func bytes(
    validating source: Span<UInt8>, finding paths: MemberPaths, _ found: inout FoundMembers
  ) throws(JSONTextError) -> [UInt8] {
    precondition(found.count == paths.count, "each path has its place")
    if source.count > bytesMax { throw source.error(at: bytesMax, expected: .lessBytes) }
    var scanner = JSONScanner(source, finding: paths)
    try scanner.scan(source, into: &found)
    return scanner.output
  }

  package init(
    validating source: [UInt8], finding paths: MemberPaths = JSONText.noPaths
  ) throws(JSONTextError) {
    try self.init(validating: source.span, finding: paths)
  }

  package static let noPaths = MemberPaths([])

  /// The bytes of the member's value: a string with its quotes, an object with its braces.
  package func token(_ member: Int) -> ArraySlice<UInt8>? {
    members[member].map { bytes[$0] }
  }

  /// RFC 8259 §2: space, tab, line feed, carriage return.
  static func isWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
