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
    /// The children by the length of their keys: few are left to be compared with one that was read.
    var childrenByLength: [[Int]] = []
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
    let added = nodes.count - 1
    nodes[node].children.append(added)
    let missing = key.count + 1 - nodes[node].childrenByLength.count
    nodes[node].childrenByLength += Array(repeating: [], count: max(0, missing))
    nodes[node].childrenByLength[key.count].append(added)
    return added
  }

  /// The child of `node` whose key is the string token (without quotes) at `range` of `bytes`, white space around it
  /// left aside, escapes read for what they mean.
  func child(
    of node: Int, key range: Range<Int>, isEscaped: Bool, in bytes: Span<UInt8>
  ) -> Int? {
    guard !nodes[node].children.isEmpty, !range.isEmpty else { return nil }
    if range.count < nodes[node].childrenByLength.count {
      for child in nodes[node].childrenByLength[range.count]
      where Self.isEqual(nodes[child].key, bytes, at: range.lowerBound) {
        return child
      }
    }
    // Most keys are written as they are meant.
    let plain = (UInt8(ascii: "A")...UInt8(ascii: "z"))
    if !isEscaped, plain.contains(bytes[range.lowerBound]),
      plain.contains(bytes[range.upperBound - 1])
    {
      return nil
    }
    let key = JSONString.decode(range, of: bytes)
    let trimmed = key.drop { JSONText.isWhitespace($0) }
    let end = trimmed.lastIndex { !JSONText.isWhitespace($0) }
    guard let end else { return nil }
    return nodes[node].children.first { nodes[$0].key.elementsEqual(trimmed[...end]) }
  }

  private static func isEqual(_ key: [UInt8], _ bytes: Span<UInt8>, at start: Int) -> Bool {
    for offset in key.indices where key[offset] != bytes[start + offset] { return false }
    return true
  }
}
