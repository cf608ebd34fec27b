/// The one pass over a JSON text: checks it against RFC 8259, copies it without white space, and notes
/// where the members asked for stand. The nesting is an array, not the call stack.
struct JSONScanner {
  let paths: MemberPaths
  var output: [UInt8] = []
  var members: [Range<Int>?]

  /// One level per container that is open.
  private struct Level {
    var isObject: Bool
    /// The node of ``MemberPaths`` whose children are looked for in this object; nil: none.
    var node: Int?
    /// Where the container starts in the output, and the node that its value belongs to.
    var start: Int
    var valueNode: Int?
  }

  private enum Expecting {
    case value, valueOrArrayEnd, key, keyOrEnd, comma, end
  }

  private var levels: [Level] = []
  /// The node that the next value belongs to, where its key was asked for.
  private var pending: Int?
  /// Escapes met in strings so far.
  var escapes = 0
  /// What lies between here and the current byte is to be copied as it is.
  private var runStart = 0

  init(paths: MemberPaths, capacity: Int) {
    self.paths = paths
    members = Array(repeating: nil, count: paths.count)
    output.reserveCapacity(capacity)
    pending = paths.nodes[MemberPaths.root].children.isEmpty ? nil : MemberPaths.root
  }

  mutating func scan(_ text: Span<UInt8>) throws(JSONTextError) {
    var index = 0
    var expecting = Expecting.value
    while true {
      index = skipWhitespace(text, from: index)
      guard index < text.count else {
        if expecting == .end { break }
        throw JSONTextError(offset: index, expected: expectation(expecting), found: nil)
      }
      switch (text[index], expecting) {
      case (UInt8(ascii: ","), .comma):
        expecting = levels[levels.count - 1].isObject ? .key : .value
        index += 1
      case (UInt8(ascii: "\""), .key), (UInt8(ascii: "\""), .keyOrEnd):
        index = try scanKey(text, from: index)
        expecting = .value
      case (UInt8(ascii: "\""), .value), (UInt8(ascii: "\""), .valueOrArrayEnd):
        let end = try scanString(text, from: index)
        index = try scanScalar(text, from: index, end: end)
        expecting = afterValue
      case (UInt8(ascii: "{"), .value), (UInt8(ascii: "{"), .valueOrArrayEnd):
        try open(isObject: true, text, at: index)
        expecting = .keyOrEnd
        index += 1
      case (UInt8(ascii: "["), .value), (UInt8(ascii: "["), .valueOrArrayEnd):
        try open(isObject: false, text, at: index)
        expecting = .valueOrArrayEnd
        index += 1
      case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "]"), .valueOrArrayEnd),
        (closing, .comma):
        index += 1
        close(end: outputCount(at: index))
        expecting = afterValue
      case (_, .value), (_, .valueOrArrayEnd):
        let end = try scanNumberOrLiteral(text, from: index, expecting: expectation(expecting))
        index = try scanScalar(text, from: index, end: end)
        expecting = afterValue
      case (let byte, _):
        throw JSONTextError(offset: index, expected: expectation(expecting), found: byte)
      }
    }
    flush(text, upTo: text.count)
  }

  private var inObject: Bool { levels.last?.isObject == true }
  private var closing: UInt8 { inObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
  private var afterValue: Expecting { levels.isEmpty ? .end : .comma }

  private func expectation(_ expecting: Expecting) -> JSONTextError.Expectation {
    switch expecting {
    case .value: .value
    case .valueOrArrayEnd: .valueOrArrayEnd
    case .key: .key
    case .keyOrEnd: .keyOrEnd
    case .comma: inObject ? .commaOrObjectEnd : .commaOrArrayEnd
    case .end: .end
    }
  }

  // MARK: Containers and members

  private mutating func open(
    isObject: Bool, _ text: Span<UInt8>, at index: Int
  ) throws(JSONTextError) {
    guard levels.count < JSONText.depthMax else {
      throw JSONTextError(offset: index, expected: .lessDepth, found: text[index])
    }
    let start = outputCount(at: index)
    if let pending { forget(below: pending) }
    levels.append(
      Level(isObject: isObject, node: isObject ? pending : nil, start: start, valueNode: pending))
    pending = nil
  }

  private mutating func close(end: Int) {
    let level = levels.removeLast()
    note(level.valueNode, level.start..<end)
  }

  private mutating func scanKey(
    _ text: Span<UInt8>, from index: Int
  ) throws(JSONTextError) -> Int {
    let escapesBefore = escapes
    let end = try scanString(text, from: index)
    let colon = skipWhitespace(text, from: end)
    guard colon < text.count, text[colon] == UInt8(ascii: ":") else {
      throw JSONTextError(
        offset: colon, expected: .colon, found: colon < text.count ? text[colon] : nil)
    }
    if let node = levels[levels.count - 1].node {
      pending = paths.child(
        of: node, key: index + 1..<end - 1, isEscaped: escapes != escapesBefore, in: text)
    }
    return colon + 1
  }

  private mutating func scanScalar(
    _ text: Span<UInt8>, from index: Int, end: Int
  ) throws(JSONTextError) -> Int {
    if let node = pending {
      forget(below: node)
      let start = outputCount(at: index)
      note(node, start..<start + end - index)
      pending = nil
    }
    return end
  }

  private mutating func note(_ node: Int?, _ range: Range<Int>) {
    if let node, let slot = paths.nodes[node].slot { members[slot] = range }
  }

  /// A repeated key replaces the whole value that came before it, with all that was found inside.
  private mutating func forget(below node: Int) {
    for slot in paths.nodes[node].slotsBelow { members[slot] = nil }
  }

  // MARK: Copying

  private mutating func skipWhitespace(_ text: Span<UInt8>, from start: Int) -> Int {
    guard start < text.count, JSONText.isWhitespace(text[start]) else { return start }
    flush(text, upTo: start)
    var index = start + 1
    while index < text.count, JSONText.isWhitespace(text[index]) { index += 1 }
    runStart = index
    return index
  }

  private mutating func flush(_ text: Span<UInt8>, upTo end: Int) {
    guard runStart < end else { return }
    unsafe text.extracting(runStart..<end).withUnsafeBufferPointer { run in
      unsafe output.append(contentsOf: run)
    }
    runStart = end
  }

  /// Where the input's byte at `index` will stand in the output, no white space lying between.
  private func outputCount(at index: Int) -> Int {
    output.count + index - runStart
  }
}
