/// The one pass over a JSON text: checks it against RFC 8259, copies it without white space, and notes
/// where the members asked for stand. The nesting is an array, not the call stack.
struct JSONScanner {
  let paths: MemberPaths
  /// Begins as a copy of the text, in which the tokens move down over the white space before them.
  private(set) var output: [UInt8]

  /// The innermost container that is open, and those around it; the outermost stands for the text.
  private var level = OpenContainer.none
  private var outerLevels = ContainerStack()
  /// What lies between here and the current byte is to be copied as it is.
  private var runStart = 0
  /// The nodes met so far that have others below them, of the first 64.
  private var entered: UInt64 = 0
  /// So many bytes the output falls behind the text: white space that was met.
  private var dropped = 0

  init(_ text: Span<UInt8>, finding paths: MemberPaths) {
    self.paths = paths
    output = unsafe text.withUnsafeBufferPointer { unsafe Array($0) }
  }

  mutating func scan(
    _ text: Span<UInt8>, into members: inout FoundMembers
  ) throws(JSONTextError) {
    var index = 0
    // The node of the next value, and what is missing where neither it nor its key comes.
    var node = MemberPaths.root
    var expected = JSONTextError.Expectation.value
    while true {
      if level.isObject {
        (index, node) = try scanKey(text, from: index, expecting: expected)
        expected = .value
      }
      let (start, first) = skipWhitespace(text, from: index)
      switch first {
      case UInt8(ascii: "\""): index = try Self.scanString(text, from: start).end
      case UInt8(ascii: "{"):
        try open(isObject: true, node, text, at: start, &members)
        expected = .keyOrEnd
        node = MemberPaths.nowhere
        let inside = skipWhitespace(text, from: start + 1)
        index = inside.index
        if inside.byte != UInt8(ascii: "}") { continue }
      case UInt8(ascii: "["):
        try open(isObject: false, node, text, at: start, &members)
        expected = .valueOrArrayEnd
        node = MemberPaths.nowhere
        let inside = skipWhitespace(text, from: start + 1)
        index = inside.index
        if inside.byte != UInt8(ascii: "]") { continue }
      default: index = try Self.scanNumberOrLiteral(text, from: start, expecting: expected)
      }
      if node != MemberPaths.nowhere {
        let found = paths.nodes[node]
        if found.hasNodesBelow { forget(below: node, &members) }
        if found.slot >= 0 {
          members[found.slot] = FoundMember.at(start &- dropped, index &- dropped)
        }
      }
      // Behind a value: the ends of containers, up to a comma or the end of the text.
      while true {
        let (next, byte) = skipWhitespace(text, from: index)
        if outerLevels.isEmpty {
          guard next == text.count else { throw text.error(at: next, expected: .end) }
          flush(text, upTo: next)
          return output.removeLast(dropped)
        }
        index = next + 1
        if byte == UInt8(ascii: ",") { break }
        guard byte == level.closing else {
          throw text.error(
            at: next, expected: level.isObject ? .commaOrObjectEnd : .commaOrArrayEnd)
        }
        close(at: index, &members)
      }
      expected = level.isObject ? .key : .value
      node = MemberPaths.nowhere
    }
  }

  // MARK: Containers and members

  /// A key with its colon: the index after it, and the node of its value.
  @inline(__always)
  private mutating func scanKey(
    _ text: Span<UInt8>, from index: Int, expecting: JSONTextError.Expectation
  ) throws(JSONTextError) -> (next: Int, node: Int) {
    let (start, first) = skipWhitespace(text, from: index)
    guard first == UInt8(ascii: "\"") else { throw text.error(at: start, expected: expecting) }
    let (end, isEscaped) = try Self.scanString(text, from: start)
    let (colon, byte) = skipWhitespace(text, from: end)
    guard byte == UInt8(ascii: ":") else { throw text.error(at: colon, expected: .colon) }
    // No index of a text comes near the largest integer.
    let node = paths.child(
      of: level.node, keyFrom: start &+ 1, to: end &- 1, isEscaped: isEscaped, in: text)
    return (colon &+ 1, node)
  }

  private mutating func open(
    isObject: Bool, _ node: Int, _ text: Span<UInt8>, at index: Int,
    _ members: inout FoundMembers
  ) throws(JSONTextError) {
    guard outerLevels.count < JSONText.depthMax else {
      throw text.error(at: index, expected: .lessDepth)
    }
    if paths.nodes[node].hasNodesBelow { forget(below: node, &members) }
    outerLevels.push(level)
    level = OpenContainer(isObject: isObject, node: node, start: index - dropped)
  }

  private mutating func close(at end: Int, _ members: inout FoundMembers) {
    let slot = paths.nodes[level.node].slot
    if slot >= 0 { members[slot] = FoundMember.at(level.start, end &- dropped) }
    level = outerLevels.pop()
  }

  /// A repeated key replaces the whole value that came before it, with all that was found inside.
  private mutating func forget(below node: Int, _ members: inout FoundMembers) {
    let mark: UInt64 = node < 64 ? 1 << UInt64(node) : 0
    if mark == 0 || entered & mark != 0 { paths.clear(below: node, in: &members) }
    entered |= mark
  }

  // MARK: Copying

  /// The first byte that is not white space, and where it stands.
  @inline(__always)
  private mutating func skipWhitespace(
    _ text: Span<UInt8>, from start: Int
  ) -> (index: Int, byte: UInt8) {
    let byte = text.byte(at: start)
    return JSONText.isWhitespace(byte) ? dropWhitespace(text, from: start) : (start, byte)
  }

  private mutating func dropWhitespace(
    _ text: Span<UInt8>, from start: Int
  ) -> (index: Int, byte: UInt8) {
    flush(text, upTo: start)
    var index = start
    var byte: UInt8
    repeat {
      index += 1
      byte = text.byte(at: index)
    } while JSONText.isWhitespace(byte)
    dropped += index - start
    runStart = index
    return (index, byte)
  }

  /// Moves what was read since the last white space to its place.
  private mutating func flush(_ text: Span<UInt8>, upTo end: Int) {
    guard dropped > 0, runStart < end else { return }
    let run = runStart..<end
    // Safe: the output is as long as the text, and `dropped` less than `runStart`.
    unsafe text.withUnsafeBytes { text in
      unsafe output.withUnsafeMutableBytes { output in
        unsafe UnsafeMutableRawBufferPointer(rebasing: output[(run.lowerBound - dropped)...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: text[run]))
      }
    }
  }
}
