import TestSupport
import Testing

@testable import JSONText

/// Whoever remembers shapes gets of every text what he gets of it alone.
struct ShapeMemoryTests {
  private static let paths = MemberPaths(["a", "a.b", "a.b.data", "data", "messageId", "z.a"])

  /// The text and where its members stand, or the error.
  private struct Scan: Equatable {
    var bytes: [UInt8] = []
    var members: [Range<Int>?] = []
    var error: JSONTextError?

    init(
      _ text: [UInt8], _ scan: (Span<UInt8>, inout FoundMembers) throws(JSONTextError) -> [UInt8]
    ) {
      var found = Array(repeating: FoundMember.none, count: paths.count)
      do throws(JSONTextError) {
        var members = found.mutableSpan
        bytes = try scan(text.span, &members)
        self.members = found.map(FoundMember.range)
      } catch {
        self.error = error
      }
    }

    static func alone(_ text: [UInt8]) -> Scan {
      Scan(text) { text, found throws(JSONTextError) in
        try JSONText.bytes(validating: text, finding: paths, &found)
      }
    }

    static func remembering(_ text: [UInt8], _ memory: inout ShapeMemory) -> Scan {
      Scan(text) { text, found throws(JSONTextError) in
        try memory.compact(validating: text, &found) ?? text.indices.map { text[$0] }
      }
    }

    /// nil: the text has another shape.
    static func by(_ shape: JSONShape, _ text: [UInt8]) -> Scan? {
      var isFound = false
      let scan = Scan(text) { text, found throws(JSONTextError) in
        isFound = shape.find(in: text, &found)
        return (0..<text.count).map { text[$0] }
      }
      return isFound ? scan : nil
    }

    static func shape(of text: [UInt8]) throws -> JSONShape {
      var found = Array(repeating: FoundMember.none, count: paths.count)
      var members = found.mutableSpan
      let bytes = try JSONText.bytes(validating: text.span, finding: paths, &members)
      let shape = JSONShape(of: bytes.span, members)
      return try #require(shape)
    }
  }

  @Test func `any text gives the same after any others`() {
    var random = SeededGenerator(seed: 26)
    var texts = RandomJSON(seed: 27)
    var memory = ShapeMemory(finding: Self.paths)
    var refused = 0
    for _ in 0..<20_000 {
      let text = texts.text()
      let turns = [text, changed(text, &random), changed(text, &random), texts.spaced(text), text]
      for turn in turns {
        let alone = Scan.alone(turn)
        if alone.error != nil { refused += 1 }
        #expect(
          Scan.remembering(turn, &memory) == alone, "\(String(decoding: turn, as: UTF8.self))")
      }
    }
    #expect(refused > 5_000)
  }

  /// A byte changed, put in, taken out or what follows it left off.
  private func changed(_ text: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var text = text
    let place = Int.random(in: 0..<text.count, using: &random)
    let byte = Array("{}[],:\"\\ 0-e.tnu\u{1F}é".utf8).randomElement(using: &random)!
    switch Int.random(in: 0..<4, using: &random) {
    case 0: text[place] = byte
    case 1: text.insert(byte, at: place)
    case 2: text.remove(at: place)
    default: text.removeLast(text.count - place)
    }
    return text
  }

  @Test(arguments: [
    (#"{"a":1}"#, #"{"a":"x\n语"}"#), (#"{"a":"","data":null}"#, #"{"a":-0.5e9,"data":"a,b"}"#),
    (#"{"a":{"b":{"data":1}},"z":[0,{"a":1}]}"#, #"{"a":{"b":{"data":"}"}},"z":[null,{"a":""}]}"#),
    (#"{"a":{"b":7},"a":{"data":1}}"#, #"{"a":{"b":"x"},"a":{"data":true}}"#),
    (#"{"z":{"a":[]},"data":{}}"#, #"{"z":{"a":[]},"data":{}}"#), ("1", #""messageId""#),
    (#"{"\u0061":1," data ":2}"#, #"{"\u0061":""," data ":"2"}"#),
    // One leaf goes on where the other one ends.
    (#"{"a":1,"data":"x"}"#, #"{"a":12.5e3,"data":"xy"}"#), (#"{"a":-120}"#, #"{"a":-1}"#),
    (#"{"a":"0123456789abcdef","data":0}"#, #"{"a":"0123456789abcdefg","data":0}"#),
    (#"{"a":"0123456789abc\\","data":0}"#, #"{"a":"0123456789abc\"","data":0}"#),
    (#"{"a":"语语语语语语","data":[]}"#, #"{"a":"语语语语语语é😀","data":[]}"#),
  ])
  func `other leaves make no other shape`(text: String, other: String) throws {
    let shape = try Scan.shape(of: Array(text.utf8))
    let found = try #require(Scan.by(shape, Array(other.utf8)))
    #expect(found == Scan.alone(Array(other.utf8)))
  }

  @Test(arguments: [
    // Other keys, order, nesting, or white space: other shapes.
    #"{"b":1,"data":"x"}"#, #"{"data":"x","a":1}"#, #"{"a":1,"data":["x"]}"#, #"{"a":1,"data":{}}"#,
    #"{"a":1}"#, #"{"a":1,"data":"x","z":0}"#, #"{"a":1, "data":"x"}"#, #"{"a":1,"data":"x"} "#,
    #"{"a":1,"data":"x"}}"#, #"[{"a":1,"data":"x"}]"#, "",
    // Leaves that are none.
    #"{"a":01,"data":"x"}"#, #"{"a":-,"data":"x"}"#, #"{"a":,"data":"x"}"#,
    #"{"a":tru,"data":"x"}"#,
    #"{"a":truedata":"x"}"#, #"{"a":1,"data":"\x"}"#, #"{"a":1,"data":"x}"#,
    "{\"a\":1,\"data\":\"\t\"}",
    #"{"a":1,"data":x}"#, #"{"a":1 ,"data":"x"}"#, #"{"a":1"data":"x"}"#,
  ])
  func `another shape, and what is not valid, is not found`(text: String) throws {
    let shape = try Scan.shape(of: Array(#"{"a":7,"data":"y"}"#.utf8))
    #expect(Scan.by(shape, Array(text.utf8)) == nil)
  }

  /// Wherever the first difference lies.
  @Test func `a byte that is another one is seen`() throws {
    let model = Array(
      #"{"a":{"b":{"data":"0123456789abcdef0123456789abcdef"}},"messageId":[1,22,333,"4444"],"z":{"a":null}}"#
        .utf8)
    let shape = try Scan.shape(of: model)
    for index in model.indices {
      for byte in [UInt8(ascii: "x"), 0x22, 0x5C, 0x2C, 0x7D, 0x1F, 0xFF] {
        var text = model
        text[index] = byte
        let alone = Scan.alone(text)
        let found = Scan.by(shape, text)
        #expect(found == nil || found == alone, "\(index)")
      }
      #expect(Scan.by(shape, Array(model[..<index])) == nil)
    }
    #expect(Scan.by(shape, model) == Scan.alone(model))
  }

  @Test func `nothing has not the shape of something`() throws {
    for text in ["1", "[1]", "{}"] {
      #expect(Scan.by(try Scan.shape(of: Array(text.utf8)), []) == nil)
    }
  }

  @Test func `a string that is no UTF-8 is not found`() throws {
    let shape = try Scan.shape(of: Array(#"["x"]"#.utf8))
    for bytes: [UInt8] in [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xE8, 0xAF]] {
      let text = Array(#"[""#.utf8) + bytes + Array(#""]"#.utf8)
      #expect(Scan.by(shape, text) == nil)
    }
  }

  @Test(arguments: [0, 1, 62, 63, 64, 65, 1000])
  func `a text of however many leaves is taken`(count: Int) {
    let text = Array("{\"a\":[\((0..<count).map { "\($0)" }.joined(separator: ","))]}".utf8)
    var memory = ShapeMemory(finding: Self.paths)
    for _ in 0..<3 { #expect(Scan.remembering(text, &memory) == Scan.alone(text)) }
  }

  @Test func `more shapes than are remembered are all taken`() {
    let texts = (0..<20).map { number in
      Array(#"{"k\#(number)":\#(number),"a":{"b":[\#(number)]}}"#.utf8)
    }
    var memory = ShapeMemory(finding: Self.paths)
    for text in texts + texts.reversed() + texts {
      #expect(Scan.remembering(text, &memory) == Scan.alone(text))
    }
  }

  @Test func `what comes often is remembered, whatever came before`() {
    for others in 0..<100 {
      var memory = ShapeMemory(finding: Self.paths)
      for number in 0..<others {
        _ = Scan.remembering(Array(#"{"k\#(number)":\#(number)}"#.utf8), &memory)
      }
      let text = Array(#"{"a":{"b":1}}"#.utf8)
      for _ in 0..<200 { _ = Scan.remembering(text, &memory) }
      #expect(memory.shapes.first.map { Scan.by($0, text) != nil } == true, "after \(others)")
    }
  }

  @Test func `what is large is not remembered`() {
    var memory = ShapeMemory(finding: Self.paths)
    for text in [
      #"{"\#(String(repeating: "k", count: 9000))":1}"#,
      "[\((0..<64).map { "\($0)" }.joined(separator: ","))]",
    ] {
      _ = Scan.remembering(Array(text.utf8), &memory)
    }
    #expect(memory.shapes.isEmpty)
  }
}
