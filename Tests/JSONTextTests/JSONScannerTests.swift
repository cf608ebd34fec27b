import Testing

@testable import JSONText

/// The grammar of containers: what may follow what, how deep, and that it takes linear time.
struct JSONScannerTests {
  @Test(arguments: [
    "{}", "[]", "0", "\"\"", "null", "true", "false", "[[]]", "[{}]", #"{"":0}"#,
    #"{"a":{"a":{}}}"#,
    #"{"a":1,"a":2}"#, #"[1,"1",null,[],{}]"#, #"[[],[],[[]]]"#, #"{"a":[],"b":{}}"#,
  ])
  func `a valid text is taken as it is`(text: String) throws {
    #expect(try compact(text) == text)
  }

  @Test(
    arguments: [
      ("", 0, .value), ("  ", 2, .value), ("}", 0, .value), ("]", 0, .value), (",", 0, .value),
      ("\u{FEFF}{}", 0, .value), ("\u{0B}{}", 0, .value), ("\u{A0}{}", 0, .value),
      ("'a'", 0, .value),
      ("//\n{}", 0, .value), ("NaN", 0, .value), ("Infinity", 0, .value), ("True", 0, .value),
      ("[", 1, .valueOrArrayEnd), ("[,", 1, .valueOrArrayEnd), ("[}", 1, .valueOrArrayEnd),
      ("[1,]", 3, .value), ("[1,,2]", 3, .value), ("[1 2]", 3, .commaOrArrayEnd),
      ("[1", 2, .commaOrArrayEnd), ("[1}", 2, .commaOrArrayEnd), ("[1:2]", 2, .commaOrArrayEnd),
      ("[\"a\" \"b\"]", 5, .commaOrArrayEnd), ("{", 1, .keyOrEnd), ("{]", 1, .keyOrEnd),
      ("{,", 1, .keyOrEnd), ("{1:2}", 1, .keyOrEnd), ("{a:1}", 1, .keyOrEnd),
      ("{{}}", 1, .keyOrEnd),
      (#"{"a"}"#, 4, .colon), (#"{"a""#, 4, .colon), (#"{"a" 1}"#, 5, .colon),
      (#"{"a"::1}"#, 5, .value), (#"{"a":}"#, 5, .value), (#"{"a":"#, 5, .value),
      (#"{"a":,"b":1}"#, 5, .value), (#"{"a":1"#, 6, .commaOrObjectEnd),
      (#"{"a":1]"#, 6, .commaOrObjectEnd), (#"{"a":1 "b":2}"#, 7, .commaOrObjectEnd),
      (#"{"a":1,}"#, 7, .key), (#"{"a":1,"#, 7, .key), (#"{"a":1,,"b":2}"#, 7, .key),
      (#"{"a":1,2}"#, 7, .key), ("{}}", 2, .end), ("[]]", 2, .end), ("{} {}", 3, .end),
      ("1 1", 2, .end), ("{},", 2, .end), ("{}\u{0}", 2, .end), ("{}#", 2, .end),
    ] as [(String, Int, JSONTextError.Expectation)])
  func `an invalid text is refused where it goes wrong`(
    text: String, offset: Int, expected: JSONTextError.Expectation
  ) {
    let bytes = Array(text.utf8)
    let found = offset < bytes.count ? bytes[offset] : nil
    #expect(throws: JSONTextError(offset: offset, expected: expected, found: found)) {
      try JSONText(validating: bytes)
    }
  }

  @Test(arguments: [
    (" { } ", "{}"), ("\t[\n]\r", "[]"), ("[ 1 , 2 ]", "[1,2]"),
    (" {\n\"a b\" : \t{ \"c\" :[ ] } , \"d\":null }\r\n", #"{"a b":{"c":[]},"d":null}"#),
    ("[ -0.0 , 1E400 , 12345678901234567890 ]", "[-0.0,1E400,12345678901234567890]"),
    ("\"  \"", "\"  \""), (" [ \" \\\" \" ] ", "[\" \\\" \"]"),
  ])
  func `white space goes from between tokens only`(text: String, compacted: String) throws {
    #expect(try compact(text) == compacted)
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
  func `512 levels are taken and 513 are not`(opening: String, closing: String) throws {
    let levels = opening.count { "[{".contains($0) }
    let most = 512 / levels
    let deepest =
      String(repeating: opening, count: most) + "0" + String(repeating: closing, count: most)
    #expect(try compact(deepest) == deepest)
    for count in [512 + 1, 10_000] {
      let error = #expect(throws: JSONTextError.self) {
        _ = try compact(
          String(repeating: opening, count: count) + "0" + String(repeating: closing, count: count))
      }
      #expect(error?.expected == .lessDepth)
      #expect(error?.offset == opening.utf8.count * most)
    }
  }

  @Test func `containers beside each other are no depth`() throws {
    let text = "[" + Array(repeating: #"{"a":[]}"#, count: 2000).joined(separator: ",") + "]"
    #expect(try compact(text) == text)
  }

  /// Quadratic time would take hours for these.
  @Test(
    .timeLimit(.minutes(15)),
    arguments: [
      ("[", "[],", "0]"), ("", " ", "1"), ("\"", #"\u0041"#, "\""), ("\"", "语", "\""),
      ("", "9", ""),
      ("{", #""data":{"messageId":1},"#, #""a":1}"#), ("{\"", #"\u0064"#, "\":1}"),
      ("{", #""\t":0 , "#, #""a":1}"#), ("[\"", "\\\\", "\"]"),
    ])
  func `a mebibyte takes linear time`(head: String, piece: String, tail: String) throws {
    let body = head + String(repeating: piece, count: (1 << 20) / piece.utf8.count) + tail
    let text = try JSONText(
      validating: Array(body.utf8), finding: MemberPaths(["data.messageId", "data"]))
    #expect(!text.bytes.isEmpty)
  }

  @Test(arguments: ["[", "{", "{\"a\":", "\"", "-", "]", "\\", "\u{0}"])
  func `a mebibyte of the same thing is refused`(piece: String) {
    let bytes = Array(String(repeating: piece, count: (1 << 20) / piece.utf8.count).utf8)
    #expect(throws: JSONTextError.self) { try JSONText(validating: bytes) }
  }

  private func compact(_ text: String) throws -> String {
    String(decoding: try JSONText(validating: Array(text.utf8)).bytes, as: UTF8.self)
  }
}
