/// Which members of nested objects a scan shall find, as a tree of keys. The place of a path in the list
/// given is the place of its value among ``JSONText/members``.
///
/// A path names object keys from the outermost object inwards: `["data", "messageId"]`.
package struct MemberPaths: Sendable {
  struct Node: Sendable {
    let key: [UInt8]
    /// Where the value's range goes; nil for a node that is only on the way to others.
    var slot: Int?
    var children: [Int] = []
    /// All slots below this node.
    var slotsBelow: [Int] = []
  }

  static let root = 0
  private(set) var nodes: [Node] = [Node(key: [], slot: nil)]
  let count: Int

  package init(_ paths: [[String]]) {
    count = paths.count
    for (slot, path) in paths.enumerated() {
      var node = Self.root
      for key in path {
        nodes[node].slotsBelow.append(slot)
        node = child(of: node, named: Array(key.utf8))
      }
      precondition(nodes[node].slot == nil, "a path is given twice")
      nodes[node].slot = slot
    }
  }

  private mutating func child(of node: Int, named key: [UInt8]) -> Int {
    if let known = nodes[node].children.first(where: { nodes[$0].key == key }) { return known }
    nodes.append(Node(key: key, slot: nil))
    nodes[node].children.append(nodes.count - 1)
    return nodes.count - 1
  }

  /// The child of `node` whose key is the string token (without quotes) at `range` of `bytes`, white space around it
  /// left aside, escapes read for what they mean.
  func child(of node: Int, key range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
    let children = nodes[node].children
    guard !children.isEmpty, !range.isEmpty else { return nil }
    let plain = (UInt8(ascii: "A")...UInt8(ascii: "z"))
    let escaped = range.contains { bytes[$0] == UInt8(ascii: "\\") }
    if escaped || !plain.contains(bytes[range.lowerBound])
      || !plain.contains(bytes[range.upperBound - 1])
    {
      let key = JSONString.decode(range, of: bytes)
      let trimmed = key.drop { JSONText.isWhitespace($0) }
      let end = trimmed.lastIndex { !JSONText.isWhitespace($0) }
      guard let end else { return nil }
      return children.first { nodes[$0].key.elementsEqual(trimmed[...end]) }
    }
    return children.first { child in
      let key = nodes[child].key
      guard key.count == range.count else { return false }
      for offset in 0..<key.count where key[offset] != bytes[range.lowerBound + offset] {
        return false
      }
      return true
    }
  }
}
