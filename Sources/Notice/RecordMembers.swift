import JSONText

/// Where in a record's line its members stand, and the fields of its message, from wherever its kind of notice keeps them. In
/// place and not in memory of their own, as a sender has thousands of them.
struct RecordMembers: Sendable {
  private let envelope: InlineArray<9, Int>
  private let fields: InlineArray<22, Int>
  private let texts: InlineArray<2, Int>

  /// What `scan` has found in `line`.
  init(_ scan: borrowing RecordScan, of kind: NoticeKind, in line: Span<UInt8>) {
    envelope = scan.envelope
    fields = scan.fields(of: kind, in: line)
    texts = scan.texts(of: kind)
  }

  subscript(member: RecordMember) -> Range<Int>? { FoundMember.range(envelope[member.rawValue]) }

  /// nil where it is absent or `null`.
  subscript(field: NoticeField) -> Range<Int>? { FoundMember.range(fields[field.rawValue]) }

  /// The texts of a payload that is an object; the first that is not empty counts.
  var payloadTexts: [Range<Int>] { texts.indices.compactMap { FoundMember.range(texts[$0]) } }
}
