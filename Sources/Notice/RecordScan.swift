import JSONText

/// What is looked for in a record's line before its kind is known: the members of the envelope, and a message's fields wherever
/// some kind of notice has them.
struct RecordScan: ~Copyable {
  private var found = InlineArray<62, Int>(repeating: FoundMember.none)

  private static let flatFields = NoticeField.allCases.filter { $0.flatKey != nil }
  private static let textKeys = ["text", "pureText"]

  // Where in it they begin, one after the other as in ``paths``; a constant costs nothing.
  private static var dataStart: Int { 9 }
  private static var bodyStart: Int { dataStart + 22 }
  private static var flatStart: Int { bodyStart + 22 }
  private static var textStart: Int { flatStart + 5 }

  static let paths = {
    // A field more would else be looked for in another one's place.
    precondition(
      RecordMember.allCases.count == 9 && NoticeField.allCases.count == 22 && flatFields.count == 5)
    return MemberPaths(
      RecordMember.allCases.map { "\($0)" }
        + NoticeField.allCases.map { "body.data.\($0.key)" }
        + NoticeField.allCases.map { "body.\($0.key)" }
        + flatFields.compactMap(\.flatKey).map { "body.\($0)" }
        + textKeys.map { "body.data.\(NoticeField.payload.key).\($0)" }
        + textKeys.map { "body.\(NoticeField.payload.key).\($0)" })
  }()

  /// Validates the line. Returns it without white space, in which the members stand; nil: they stand in `line`, which has none.
  mutating func find(
    in line: Span<UInt8>, _ shapes: inout ShapeMemory?
  ) throws(JSONTextError) -> [UInt8]? {
    var members = found.mutableSpan
    guard shapes == nil else { return try shapes?.compact(validating: line, &members) }
    return try JSONText.bytes(validating: line, finding: Self.paths, &members)
  }

  func range(of member: RecordMember) -> Range<Int>? { FoundMember.range(found[member.rawValue]) }

  /// The envelope's members.
  var envelope: InlineArray<9, Int> {
    let found = self.found.span
    var envelope = InlineArray<9, Int>(repeating: FoundMember.none)
    for index in envelope.indices { envelope[index] = found[index] }
    return envelope
  }

  /// The fields, from where a notice of this kind has them. Of a value that is null nothing is known.
  func fields(of kind: NoticeKind, in line: Span<UInt8>) -> InlineArray<22, Int> {
    // An index into the array itself would copy it.
    let found = self.found.span
    func place(_ index: Int) -> Int {
      let place = found[index]
      guard let start = FoundMember.start(place) else { return FoundMember.none }
      // Safe: it was found there.
      return unsafe line[unchecked: start] == UInt8(ascii: "n") ? FoundMember.none : place
    }
    var fields = InlineArray<22, Int>(repeating: FoundMember.none)
    let start = kind == .message ? Self.dataStart : Self.bodyStart
    for index in fields.indices { fields[index] = place(start + index) }
    if kind != .message {
      for (index, field) in Self.flatFields.enumerated() where found[Self.flatStart + index] >= 0 {
        fields[field.rawValue] = place(Self.flatStart + index)
      }
    }
    return fields
  }

  /// The texts of a payload that is an object: the first that is not empty counts.
  func texts(of kind: NoticeKind) -> InlineArray<2, Int> {
    let start = Self.textStart + (kind == .message ? 0 : 2)
    let found = self.found.span
    return [found[start], found[start + 1]]
  }
}
