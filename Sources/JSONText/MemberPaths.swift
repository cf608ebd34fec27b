/// Which members of nested objects a scan shall find, as a tree of keys. The place of a path in the list
/// given is the place of its value among ``JSONText/members``.
///
/// A path names object keys from the outermost object inwards: `["data", "messageId"]`.
package final class MemberPaths: Sendable {
  /// A value on a path.
  struct Node: Sendable {
    /// Where the value's range goes; nil for a node that is only on the way to others.
    var slot: Int?
    /// Its places in `slotsBelow`: all slots of the nodes below it.
    var below = 0..<0
  }

  /// A key below a node, or nothing where `child` is nowhere.
  private struct Key {
    /// Its length and the node that it stands below.
    var tag: UInt64 = 0
    /// The first and the last eight bytes, or as many as there are, as integers.
    var head: UInt64 = 0
    var tail: UInt64 = 0
    var child = nowhere
    /// Where in `keyBytes` it starts.
    var start = 0
  }

  /// The node of whatever is not looked for, and the node of the whole text.
  static let nowhere = 0
  static let root = 1

  /// A text's members before any is found. A scan that finds one copies it.
  let noMembers: [Range<Int>?]
  let nodes: [Node]
  private let slotsBelow: [Int]
  /// A hash table, at most half full, with a power of two of places: a key whose place is taken stands in the next.
  private let table: [Key]
  private let placeMask: Int
  private let keyBytes: [UInt8]

  package init(_ paths: [[String]]) {
    var nodes = [Node(), Node()]
    var slotsBelow: [[Int]] = [[], []]
    var children: [[(name: [UInt8], node: Int)]] = [[], []]
    for (slot, path) in paths.enumerated() {
      var node = Self.root
      for name in path.map({ Array($0.utf8) }) {
        slotsBelow[node].append(slot)
        if let known = children[node].first(where: { $0.name == name }) {
          node = known.node
        } else {
          children[node].append((name, nodes.count))
          node = nodes.count
          nodes.append(Node())
          children.append([])
          slotsBelow.append([])
        }
      }
      precondition(nodes[node].slot == nil, "a path is given twice")
      nodes[node].slot = slot
    }
    var table = Array(
      repeating: Key(), count: 2 << (Int.bitWidth - nodes.count.leadingZeroBitCount))
    var keyBytes: [UInt8] = []
    var below = 0
    for node in nodes.indices {
      nodes[node].below = below..<below + slotsBelow[node].count
      below += slotsBelow[node].count
      for (name, child) in children[node] {
        let (head, tail) = Self.ends(of: 0..<name.count, in: name.span)
        let tag = Self.tag(length: name.count, below: node)
        var place = Self.place(head, tag, placeMask: table.count - 1)
        while table[place].child != Self.nowhere { place = (place + 1) & (table.count - 1) }
        table[place] = Key(tag: tag, head: head, tail: tail, child: child, start: keyBytes.count)
        keyBytes += name
      }
    }
    noMembers = Array(repeating: nil, count: paths.count)
    placeMask = table.count - 1
    self.nodes = nodes
    self.slotsBelow = Array(slotsBelow.joined())
    self.table = table
    self.keyBytes = keyBytes
  }

  /// Takes out of `members` what was found below `node`.
  func clear(below node: Int, in members: inout [Range<Int>?]) {
    var members = members.mutableSpan
    for place in nodes[node].below { members[slotsBelow[place]] = nil }
  }

  /// The child of `node` whose key is the string token (without quotes) at `range` of `bytes`, white space around it
  /// left aside, escapes read for what they mean; `nowhere` where there is none.
  @inline(__always)
  func child(
    of node: Int, key range: Range<Int>, isEscaped: Bool, in bytes: Span<UInt8>
  ) -> Int {
    guard node != Self.nowhere, !range.isEmpty else { return Self.nowhere }
    let child = child(of: node, named: range, in: bytes)
    // Most keys are written as they are meant.
    let isPlain =
      child != Self.nowhere
      || !isEscaped && bytes[range.lowerBound] != 0x20
        && bytes[range.upperBound - 1] != 0x20
    return isPlain ? child : self.child(of: node, meantBy: range, in: bytes)
  }

  private func child(of node: Int, meantBy range: Range<Int>, in bytes: Span<UInt8>) -> Int {
    let key = JSONString.decode(range, of: bytes)
    guard let start = key.firstIndex(where: { !JSONText.isWhitespace($0) }),
      let end = key.lastIndex(where: { !JSONText.isWhitespace($0) })
    else { return Self.nowhere }
    return child(of: node, named: start..<end + 1, in: key.span)
  }

  /// The child of `node` whose key is what stands at `range`.
  @inline(__always)
  private func child(of node: Int, named range: Range<Int>, in bytes: Span<UInt8>) -> Int {
    let (head, tail) = Self.ends(of: range, in: bytes)
    let tag = Self.tag(length: range.count, below: node)
    var place = Self.place(head, tag, placeMask: placeMask)
    while table[place].child != Self.nowhere {
      if table[place].head == head, table[place].tail == tail, table[place].tag == tag,
        range.count <= 16 || isEqual(table[place].start, range, in: bytes)
      {
        return table[place].child
      }
      place = (place &+ 1) & placeMask
    }
    return Self.nowhere
  }

  /// Two keys of the same length and with the same ends are equal between them as well.
  private func isEqual(_ start: Int, _ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    (8..<range.count).allSatisfy { keyBytes[start + $0] == bytes[range.lowerBound + $0] }
  }

  private static func tag(length: Int, below node: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: length) | UInt64(truncatingIfNeeded: node) << 32
  }

  private static func place(_ head: UInt64, _ tag: UInt64, placeMask: Int) -> Int {
    let hash = (head ^ tag) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash >> 32) & placeMask
  }

  /// The first and the last eight bytes as integers; of fewer than eight, all of them and 0.
  @inline(__always)
  private static func ends(
    of range: Range<Int>, in bytes: Span<UInt8>
  ) -> (head: UInt64, tail: UInt64) {
    if range.count >= 8 {
      return (bytes.word(at: range.lowerBound), bytes.word(at: range.upperBound - 8))
    }
    if range.lowerBound + 8 <= bytes.count {
      let bits = UInt64(truncatingIfNeeded: 8 * range.count)
      return (bytes.word(at: range.lowerBound) & (1 &<< bits &- 1), 0)
    }
    return (range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }, 0)
  }
}
