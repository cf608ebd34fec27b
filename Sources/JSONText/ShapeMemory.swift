/// Scans texts that mostly have the shape of one that came before, as the records of a spool do: such a text takes half
/// of the time. The result is that of ``JSONText/bytes(validating:finding:_:)``.
package struct ShapeMemory: Sendable {
  private let paths: MemberPaths
  /// The one met last stands first.
  private(set) var shapes: [JSONShape] = []
  /// Texts that were looked at and had none of them.
  private var strangers = 0
  /// Texts since the last one that had one of them.
  private var strangersInRow = 0

  private static let shapesMax = 8
  /// One in so many strangers is remembered: that costs some scans, and a shape that comes often comes again.
  private static let strangersPerShape = 4
  /// After so many in a row shapes are not looked for, but once in as many.
  private static let strangersInRowMax = 32

  package init(finding paths: MemberPaths) {
    self.paths = paths
  }

  /// Validates a text and finds its members; `found` has nothing yet. Returns the text without white space between its tokens,
  /// in which they stand; nil: they stand in `source`, which has none.
  package mutating func compact(
    validating source: Span<UInt8>, _ found: inout FoundMembers
  ) throws(JSONTextError) -> [UInt8]? {
    let looks =
      strangersInRow < Self.strangersInRowMax
      || strangersInRow.isMultiple(of: Self.strangersInRowMax)
    if looks, find(in: source, &found) {
      strangersInRow = 0
      return nil
    }
    let text = try JSONText.bytes(validating: source, finding: paths, &found)
    strangersInRow += 1
    if looks { meet(text.span, found) }
    return text
  }

  private mutating func meet(_ stranger: Span<UInt8>, _ found: borrowing FoundMembers) {
    defer { strangers += 1 }
    guard strangers.isMultiple(of: Self.strangersPerShape),
      let shape = JSONShape(of: stranger, found)
    else { return }
    if shapes.count == Self.shapesMax { shapes.removeLast() }
    shapes.append(shape)
  }

  private mutating func find(in text: Span<UInt8>, _ found: inout FoundMembers) -> Bool {
    guard text.count <= JSONText.bytesMax,
      let index = shapes.firstIndex(where: { $0.find(in: text, &found) })
    else { return false }
    if index > 0 { shapes.insert(shapes.remove(at: index), at: 0) }
    return true
  }
}
