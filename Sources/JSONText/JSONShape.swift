/// A JSON text that others are measured by. One that differs from it in leaves only, which are its numbers, its literals, and
/// its strings save the keys, and has valid ones there, is valid as well; its members stand in the same places among the leaves.
/// What is the same in both is not looked at any further.
final class JSONShape: Sendable {
  private let model: [UInt8]
  private let leafStarts: [Int]
  private let leafEnds: [Int]
  /// To each place in the model the first leaf that ends there or behind it: one after the last where none does.
  private let leafAt: [UInt8]
  /// Where the model has its members, as it was found.
  private let places: [Int]
  /// The members there are; those that end behind others stand behind them.
  private let members: [Member]

  /// Where a member stands, and the first leaf that ends behind its start, and behind its end: one after the last where none
  /// does.
  private struct Member {
    let slot: Int
    let startLeaf: Int
    let endLeaf: Int
  }

  private static let leavesMax = 63
  private static let bytesMax = 8192

  /// `text` is valid and has no white space between its tokens; `found` says where its members stand. nil: it is too large for
  /// it to be likely that another one has its shape.
  init?(of text: Span<UInt8>, _ found: borrowing FoundMembers) {
    guard text.count <= Self.bytesMax, let leaves = Self.leaves(of: text) else { return nil }
    func leaf(endingBehind index: Int) -> Int {
      leaves.firstIndex { $0.upperBound > index } ?? leaves.count
    }
    model = text.indices.map { text[$0] }
    leafStarts = leaves.map(\.lowerBound)
    leafEnds = leaves.map(\.upperBound)
    var leafAt: [UInt8] = []
    for (leaf, range) in leaves.enumerated() {
      while leafAt.count <= range.upperBound { leafAt.append(UInt8(leaf)) }
    }
    while leafAt.count <= text.count { leafAt.append(UInt8(leaves.count)) }
    self.leafAt = leafAt
    places = found.indices.map { found[$0] }
    members = places.enumerated().compactMap { slot, place in
      guard let range = FoundMember.range(place) else { return nil }
      return Member(
        slot: slot, startLeaf: leaf(endingBehind: range.lowerBound),
        endLeaf: leaf(endingBehind: range.upperBound))
    }.sorted { $0.endLeaf < $1.endLeaf }
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
    let (model, leafStarts, leafEnds, leafAt) = (self.model, leafStarts, leafEnds, leafAt)
    let leaves = leafEnds.count
    // How much further back than in the model stands what lies before the end of each leaf, and behind all of them; 0 before
    // the leaf `moved`.
    var shifts = InlineArray<64, Int>(repeating: 0)
    var moved = Int.max
    var shift = 0
    var leaf = 0
    var index = 0
    while true {
      index &+= model.span.commonPrefix(from: index, with: text, from: index &+ shift)
      if index == model.count { break }
      let next = Int(leafAt[index])
      guard next < leaves, next >= leaf, leafStarts[next] <= index,
        let end = Self.leafEnd(text, from: leafStarts[next] &+ shift)
      else { return false }
      if shift != 0 { for leaf in leaf...next { shifts[leaf] = shift } }
      index = leafEnds[next]
      leaf = next &+ 1
      shift = end &- index
      if shift != 0 { moved = min(moved, leaf) }
    }
    guard index &+ shift == text.count else { return false }
    for slot in places.indices { found[slot] = places[slot] }
    // Most texts of a shape have the same length up to what was written, many to their end.
    if moved > leaves { return true }
    for leaf in leaf...leaves { shifts[leaf] = shift }
    for member in members.reversed() {
      if member.endLeaf < moved { break }
      found[member.slot] &+= shifts[member.startLeaf] &+ shifts[member.endLeaf] &<< 32
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
