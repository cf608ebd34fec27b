/// Which members of nested objects a scan shall find, as a tree of keys. The place of a path in the list
/// given is the place of its value among ``JSONText/members``.
///
/// A path names object keys from the outermost object inwards: `data.messageId`. A key with a dot in it cannot be looked for.
package final class MemberPaths: Sendable {
  /// A value on a path.
  struct Node: Sendable {
    /// Where the value's range goes; negative for a node that is only on the way to others.
    var slot = -1
    /// The last of its places in `slotsBelow`, negative where it has none.
    var lastBelow = -1

    var hasNodesBelow: Bool { lastBelow >= 0 }
  }

  /// A key below a node, or nothing where `child` is nowhere.
  private struct Key {
    /// Its length and the node that it stands below.
    var tag: UInt64 = 0
    /// The first and the last eight bytes as integers; of fewer than eight, all of them and 0.
    var head: UInt64 = 0
    var tail: UInt64 = 0
    var child = nowhere
    /// Where in `keyBytes` it starts.
    var start = 0

    init() {}

    /// What stands from `start` to `end`.
    @inline(__always)
    init(from start: Int, to end: Int, of bytes: Span<UInt8>, below node: Int) {
      let count = end &- start
      tag = UInt64(truncatingIfNeeded: count) | UInt64(truncatingIfNeeded: node) &<< 32
      if count >= 8 {
        head = bytes.word(at: start)
        tail = bytes.word(at: end &- 8)
      } else if start &+ 8 <= bytes.count {
        head = bytes.word(at: start) & (1 &<< UInt64(truncatingIfNeeded: 8 &* count) &- 1)
      } else {
        head = (start..<end).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
      }
    }

    var count: Int { Int(truncatingIfNeeded: UInt32(truncatingIfNeeded: tag)) }

    var hash: Int {
      Int(truncatingIfNeeded: ((head ^ tag) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }
  }

  /// The node of whatever is not looked for, and the node of the whole text.
  static let nowhere = 0
  static let root = 1
  private static let dot = UInt8(ascii: ".")

  /// How many paths there are.
  let count: Int
  let nodes: [Node]
  /// The slots of the nodes below each node, and to each the place of the one before it that is below the same node.
  private let slotsBelow: [Int]
  private let previousBelow: [Int]
  /// A hash table, at most half full, with a power of two of places: a key whose place is taken stands in the next.
  private let table: [Key]
  private let keyBytes: [UInt8]
  /// How ``MemberRanges`` begins.
  let noneFound: [Int]

  package init(_ paths: [String]) {
    let keysMax = paths.reduce(paths.count) { $0 + $1.utf8.count { $0 == Self.dot } }
    var table = Array(
      repeating: Key(), count: 2 << (Int.bitWidth - keysMax.leadingZeroBitCount))
    var nodes = [Node(), Node()]
    var slotsBelow: [Int] = []
    var previousBelow: [Int] = []
    var keyBytes: [UInt8] = []
    for (slot, path) in paths.enumerated() {
      let path = Array(path.utf8)
      var node = Self.root
      var start = 0
      while start <= path.count {
        let end = path[start...].firstIndex(of: Self.dot) ?? path.count
        previousBelow.append(nodes[node].lastBelow)
        nodes[node].lastBelow = slotsBelow.count
        slotsBelow.append(slot)
        var key = Key(from: start, to: end, of: path.span, below: node)
        let place = Self.place(of: key, from: start, in: path.span, table, keyBytes)
        if table[place].child == Self.nowhere {
          key.child = nodes.count
          key.start = keyBytes.count
          table[place] = key
          keyBytes += path[start..<end]
          nodes.append(Node())
        }
        node = table[place].child
        start = end + 1
      }
      precondition(nodes[node].slot < 0, "a path is given twice")
      nodes[node].slot = slot
    }
    count = paths.count
    self.nodes = nodes
    self.slotsBelow = slotsBelow
    self.previousBelow = previousBelow
    self.table = table
    self.keyBytes = keyBytes
    noneFound = Array(repeating: FoundMember.none, count: count)
  }

  /// Takes out of `members` what was found below `node`.
  func clear(below node: Int, in members: inout FoundMembers) {
    var place = nodes[node].lastBelow
    while place >= 0 {
      members[slotsBelow[place]] = FoundMember.none
      place = previousBelow[place]
    }
  }

  /// The child of `node` whose key is the string token (without quotes) that stands from `start` to `end` of `bytes`, white
  /// space around it left aside, escapes read for what they mean; `nowhere` where there is none.
  @inline(__always)
  func child(
    of node: Int, keyFrom start: Int, to end: Int, isEscaped: Bool, in bytes: Span<UInt8>
  ) -> Int {
    guard node != Self.nowhere, start != end else { return Self.nowhere }
    let child = child(of: node, namedFrom: start, to: end, in: bytes)
    // Most keys are written as they are meant.
    let isPlain =
      child != Self.nowhere
      || !isEscaped && bytes.byte(at: start) != 0x20 && bytes.byte(at: end &- 1) != 0x20
    return isPlain ? child : self.child(of: node, meantBy: start..<end, in: bytes)
  }

  private func child(of node: Int, meantBy range: Range<Int>, in bytes: Span<UInt8>) -> Int {
    let key = JSONString.decode(range, of: bytes)
    guard let start = key.firstIndex(where: { !JSONText.isWhitespace($0) }),
      let end = key.lastIndex(where: { !JSONText.isWhitespace($0) })
    else { return Self.nowhere }
    return child(of: node, namedFrom: start, to: end + 1, in: key.span)
  }

  /// The child of `node` whose key is what stands from `start` to `end`.
  @inline(__always)
  private func child(
    of node: Int, namedFrom start: Int, to end: Int, in bytes: Span<UInt8>
  ) -> Int {
    let key = Key(from: start, to: end, of: bytes, below: node)
    return table[Self.place(of: key, from: start, in: bytes, table, keyBytes)].child
  }

  /// The place in the table where `key`, which stands from `start` on, is or would be.
  @inline(__always)
  private static func place(
    of key: Key, from start: Int, in bytes: Span<UInt8>, _ table: [Key], _ keyBytes: [UInt8]
  ) -> Int {
    let placeMask = table.count &- 1
    var place = key.hash & placeMask
    while table[place].child != nowhere {
      if table[place].head == key.head, table[place].tail == key.tail, table[place].tag == key.tag,
        key.count <= 16 || isEqual(table[place].start, key.count, start, in: bytes, keyBytes)
      {
        break
      }
      place = (place &+ 1) & placeMask
    }
    return place
  }

  /// Two keys of the same length and with the same ends are equal between them as well.
  private static func isEqual(
    _ known: Int, _ count: Int, _ start: Int, in bytes: Span<UInt8>, _ keyBytes: [UInt8]
  ) -> Bool {
    (8..<count).allSatisfy { keyBytes[known + $0] == bytes[start + $0] }
  }
}
