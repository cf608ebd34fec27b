@testable import JSONText
@testable import Notice

/// Any bytes as a body: taken or refused as ``ReferenceJSON`` does, and nothing of them changed but white space.
enum JSONFuzz {
  static let paths = [
    ["data"], ["data", "messageId"], ["messageType"], ["data", "token"], ["token"],
  ]

  static func run(_ input: [UInt8]) throws {
    let reference = ReferenceJSON.parse(input)
    let text: JSONText
    do throws(JSONTextError) {
      text = try JSONText(validating: input, finding: NoticeKind.bodyPaths)
    } catch {
      try expect(reference == nil, "what is JSON is taken: \(error)")
      return try check(error, input)
    }
    guard let reference else { throw FuzzFault(description: "what is no JSON is refused") }
    try expect(text.bytes == reference.text, "nothing changes but white space")
    try expect(!text.bytes.contains(0x0A), "a body is one line")
    let again = try JSONText(validating: text.bytes)
    try expect(again.bytes == text.bytes, "a text without white space stays as it is")
    for (slot, path) in paths.enumerated() {
      try expect(
        text.token(slot).map(Array.init) == reference.value(at: path)?.text,
        "\(path) is found, and nothing else in its place")
    }
    _ = NoticeKind(of: text)
    let token = reference.value(at: ["data", "token"]) ?? reference.value(at: ["token"])
    try expect(
      NoticeKind.token(of: text).map { Array($0.utf8) } == token?.string, "the token is read")
    try checkMask(text)
    try checkMemory(text)
    try checkStrings(reference)
  }

  /// All before the place that is told can be the beginning of a text.
  private static func check(_ error: JSONTextError, _ input: [UInt8]) throws {
    try expect(error.offset <= input.count, "the place that is told lies in the text")
    try expect(
      error.found == (error.offset < input.count ? input[error.offset] : nil),
      "what is told to be found there stands there")
    do throws(JSONTextError) {
      _ = try JSONText(validating: Array(input[..<error.offset]))
    } catch let shorter {
      try expect(
        shorter.offset == error.offset && shorter.found == nil, "the first fault is the one told")
    }
  }

  /// The text, and the same with one byte changed, are the same for one who remembers the text's shape.
  private static func checkMemory(_ text: JSONText) throws {
    var memory = ShapeMemory(finding: NoticeKind.bodyPaths)
    // Of the input's own choosing, so that the same input always does the same.
    let place = text.bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % text.bytes.count
    var changed = text.bytes
    changed[place] ^= 1 << UInt8(text.bytes.count % 8)
    for bytes in [text.bytes, text.bytes, changed] {
      var found = Array(repeating: FoundMember.none, count: NoticeKind.bodyPaths.count)
      var members = found.mutableSpan
      let remembered = Result { try memory.compact(validating: bytes.span, &members) ?? bytes }
      let alone = try? JSONText(validating: bytes, finding: NoticeKind.bodyPaths)
      try expect((try? remembered.get()) == alone?.bytes, "a text is taken alike after others")
      guard let alone else { continue }
      try expect(
        found.map(FoundMember.range) == Array(alone.members), "its members are found alike")
    }
  }

  private static func checkMask(_ text: JSONText) throws {
    let masked = CredentialMask.masked(text.bytes[...])
    guard let node = ReferenceJSON.parse(masked) else {
      throw FuzzFault(description: "a text without its credentials is JSON")
    }
    try expect(node.text == masked, "a text without its credentials has no white space")
    try expect(!hasToken(node), "no credential is left")
    if !text.bytes.contains(sequence: "oken") && !text.bytes.contains(UInt8(ascii: "\\")) {
      try expect(masked == text.bytes, "a text without credentials stays as it is")
    }
  }

  private static func hasToken(_ node: ReferenceJSON.Node) -> Bool {
    switch node.value {
    case .string, .literal: false
    case .array(let elements): elements.contains(where: hasToken)
    case .object(let members):
      members.contains { member in
        ReferenceJSON.trimmed(member.key).elementsEqual("token".utf8) && !isNull(member.value)
          || hasToken(member.value)
      }
    }
  }

  private static func isNull(_ node: ReferenceJSON.Node) -> Bool { node.text == Array("null".utf8) }

  /// What a string means is read, and written so that it means the same.
  private static func checkStrings(_ node: ReferenceJSON.Node) throws {
    switch node.value {
    case .literal: break
    case .array(let elements): for element in elements { try checkStrings(element) }
    case .object(let members): for member in members { try checkStrings(member.value) }
    case .string(let meant):
      let read = JSONString.text(node.text[...]).map { Array($0.utf8) }
      try expect(read == meant, "a string is read for what it means")
      var written: [UInt8] = []
      JSONString.append(String(decoding: meant, as: UTF8.self), to: &written)
      try expect(
        ReferenceJSON.parse(written)?.string == meant, "a string is written as what it means")
      try expect(
        written.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control character is written raw")
    }
  }
}

extension [UInt8] {
  func contains(sequence text: String) -> Bool {
    !text.isEmpty && firstRange(of: Array(text.utf8)) != nil
  }
}
