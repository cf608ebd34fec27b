/// What is left of a JSON text without its leaves, which are its numbers, its literals, and its strings save the keys: the keys,
/// the punctuation, and their order. A text that has the shape of a valid one, and valid leaves, is valid; its members stand in
/// the same places among the leaves.
final class JSONShape: Sendable {
  /// A place in what stands before the leaf of this number, or behind the last one.
  private struct Place {
    let leaf: Int
    let offset: Int
  }

  /// What stands before each leaf and behind the last one, all together, and where in it each piece ends.
  private let pieces: [UInt8]
  private let pieceEnds: [Int]
  private let members: [(slot: Int, start: Place, end: Place)]

  private static let leavesMax = 63
  private static let piecesBytesMax = 4096

  /// `text` is valid and has no white space between its tokens; `found` says where its members stand. nil: it is too large for
  /// it to be likely that another one has its shape.
  init?(of text: Span<UInt8>, _ found: borrowing FoundMembers) {
    guard let leaves = Self.leaves(of: text) else { return nil }
    var pieces: [UInt8] = []
    var pieceEnds: [Int] = []
    var start = 0
    for leaf in leaves + [text.count..<text.count] {
      guard pieces.count + leaf.lowerBound - start <= Self.piecesBytesMax else { return nil }
      for index in start..<leaf.lowerBound { pieces.append(text[index]) }
      pieceEnds.append(pieces.count)
      start = leaf.upperBound
    }
    func place(_ index: Int) -> Place {
      let leaf = leaves.firstIndex { $0.upperBound > index } ?? leaves.count
      return Place(leaf: leaf, offset: index - (leaf == 0 ? 0 : leaves[leaf - 1].upperBound))
    }
    self.pieces = pieces
    self.pieceEnds = pieceEnds
    members = found.indices.compactMap { slot in
      FoundMember.range(found[slot]).map { (slot, place($0.lowerBound), place($0.upperBound)) }
    }
  }

  private static func leaves(of text: Span<UInt8>) -> [Range<Int>]? {
    var leaves: [Range<Int>] = []
    var index = 0
    while index < text.count {
      if isPunctuation(text[index]) {
        index += 1
        continue
      }
      guard let end = leafEnd(text, from: index) else { return nil }
      let isKey = text.byte(at: end) == UInt8(ascii: ":")
      if !isKey { leaves.append(index..<end) }
      if leaves.count > leavesMax { return nil }
      index = end
    }
    return leaves
  }

  /// Whether `text` has this shape and is valid; if so, its members are found, and it has no white space between its tokens.
  func find(in text: Span<UInt8>, _ found: inout FoundMembers) -> Bool {
    // Where the piece before each leaf begins.
    var starts = InlineArray<64, Int>(repeating: 0)
    let pieces = self.pieces
    let leaves = pieceEnds.count - 1
    var index = 0
    var pieceStart = 0
    for leaf in 0...leaves {
      let pieceEnd = pieceEnds[leaf]
      guard text.hasPrefix(pieces.span.extracting(pieceStart..<pieceEnd), at: index) else {
        return false
      }
      starts[leaf] = index
      index += pieceEnd - pieceStart
      pieceStart = pieceEnd
      if leaf == leaves { break }
      guard let end = Self.leafEnd(text, from: index) else { return false }
      index = end
    }
    guard index == text.count else { return false }
    for (slot, start, end) in members {
      found[slot] = FoundMember.at(
        starts[start.leaf] + start.offset, starts[end.leaf] + end.offset)
    }
    return true
  }

  /// Behind the string, number or literal that begins there; nil: none does.
  @inline(__always)
  private static func leafEnd(_ text: Span<UInt8>, from start: Int) -> Int? {
    text.byte(at: start) == UInt8(ascii: "\"")
      ? try? JSONScanner.scanString(text, from: start).end
      : try? JSONScanner.scanNumberOrLiteral(text, from: start, expecting: .value)
  }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: ":"), UInt8(ascii: ","):
      true
    default: false
    }
  }
}
