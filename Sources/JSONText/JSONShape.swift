/// What is left of a JSON text without its leaves, which are its numbers, its literals, and its strings save the keys: the keys,
/// the punctuation, and their order. A text that has the shape of a valid one, and valid leaves, is valid; its members stand in
/// the same places among the leaves.
final class JSONShape: Sendable {
  /// What stands before each leaf and behind the last one, all together, and behind it as much as is compared at once.
  private let pieces: [UInt8]
  /// Where in it each piece ends.
  private let pieceEnds: [Int]
  private let members: [Member]

  /// A member as ``FoundMember`` writes it: its start and its end lie so far behind where these pieces begin.
  private struct Member {
    let slot: Int
    let startLeaf: Int
    let endLeaf: Int
    let offsets: Int
  }

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
    /// The piece that the place lies in or ends, and how far behind its beginning.
    func place(_ index: Int) -> (leaf: Int, offset: Int) {
      let leaf = leaves.firstIndex { $0.upperBound > index } ?? leaves.count
      return (leaf, index - (leaf == 0 ? 0 : leaves[leaf - 1].upperBound))
    }
    self.pieces = pieces + Array(repeating: 0, count: Span<UInt8>.vectorBytes)
    self.pieceEnds = pieceEnds
    members = found.indices.compactMap { slot in
      guard let range = FoundMember.range(found[slot]) else { return nil }
      let (start, end) = (place(range.lowerBound), place(range.upperBound))
      return Member(
        slot: slot, startLeaf: start.leaf, endLeaf: end.leaf,
        offsets: FoundMember.at(start.offset, end.offset))
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
    let (pieces, pieceEnds) = (self.pieces, self.pieceEnds)
    let leaves = pieceEnds.count &- 1
    var leaf = 0
    var index = 0
    var piece = 0
    while true {
      // Safe: each leaf has its piece, and there are no more of them than places.
      let pieceEnd = unsafe pieceEnds.span[unchecked: leaf]
      guard text.has(pieces.span, from: piece, to: pieceEnd, at: index) else { return false }
      unsafe starts[unchecked: leaf] = index
      index &+= pieceEnd &- piece
      piece = pieceEnd
      if leaf == leaves { break }
      guard let end = Self.leafEnd(text, from: index) else { return false }
      index = end
      leaf &+= 1
    }
    guard index == text.count else { return false }
    for member in members {
      // Safe: there were that many leaves, and that many slots, when they were numbered.
      unsafe found[unchecked: member.slot] =
        FoundMember.at(starts[unchecked: member.startLeaf], starts[unchecked: member.endLeaf])
        &+ member.offsets
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
