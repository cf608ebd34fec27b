import JSONText
import Testing

struct MemberPathsTests {
  @Test(
    arguments: [
      (#"{"a":1}"#, "1", nil), (#" { "a" : { "b" : [ 1 , 2 ] } } "#, #"{"b":[1,2]}"#, "[1,2]"),
      (#"{"x":[ ],"a":{"c":0,"b":"y"}}"#, #"{"c":0,"b":"y"}"#, #""y""#), (#"{"b":1}"#, nil, nil),
      (#"{"a":{}}"#, "{}", nil), (#"{"a":null}"#, "null", nil),
      (#"{"a":[{"b":1}]}"#, #"[{"b":1}]"#, nil),
      (#"[{"a":{"b":1}}]"#, nil, nil), (#"{"x":{"a":{"b":1}}}"#, nil, nil), ("1", nil, nil),
      (#"{"a":"{\"b\":1}"}"#, #""{\"b\":1}""#, nil), (#"{"A":1,"aa":2,"":3}"#, nil, nil),
      // Of a repeated key the last value counts, with all that is in it.
      (#"{"a":1,"a":2}"#, "2", nil), (#"{"a":{"b":1,"b":2}}"#, #"{"b":1,"b":2}"#, "2"),
      (#"{"a":{"b":1},"a":{"c":2}}"#, #"{"c":2}"#, nil), (#"{"a":{"b":1},"a":5}"#, "5", nil),
      (#"{"a":{"b":1},"a":[]}"#, "[]", nil), (#"{"a":5,"a":{"b":1}}"#, #"{"b":1}"#, "1"),
      (#"{"a":{"b":1},"\u0061":{"b":2}}"#, #"{"b":2}"#, "2"),
      // A key counts as what it means, white space around it left aside.
      (#"{" a":1}"#, "1", nil), (#"{"a ":{"b ":1}}"#, #"{"b ":1}"#, "1"),
      (#"{"a\t":{" b ":1}}"#, #"{" b ":1}"#, "1"), (#"{"\u0061":1}"#, "1", nil),
      (#"{"\n\u0020a\r":1}"#, "1", nil), (#"{"a\u0000":1}"#, nil, nil), (#"{"a b":1}"#, nil, nil),
      (#"{"\u00a0a":1}"#, nil, nil), (#"{"\\u0061":1}"#, nil, nil), (#"{" ":1,"\t":2}"#, nil, nil),
    ] as [(String, String?, String?)])
  func `members are found by what their keys mean`(text: String, a: String?, b: String?) throws {
    let found = try JSONText(
      validating: Array(text.utf8), finding: MemberPaths(["a", "a.b"]))
    #expect(found.token(0).map { String(decoding: $0, as: UTF8.self) } == a)
    #expect(found.token(1).map { String(decoding: $0, as: UTF8.self) } == b)
  }

  @Test func `a member stands where the text without white space has it`() throws {
    let paths = MemberPaths(["data.messageId", "data", "data.payload.text", "z"])
    let text = """
      { "first" : [ { "data" : 0 } ] ,
        "data" :\t{ "payload" : { "text" : "  a b  " } , "messageId" : 12345678901234567890 } ,
        "z" : -0.0 }
      """
    let found = try JSONText(validating: Array(text.utf8), finding: paths)
    let bytes = found.bytes
    let values = found.members.map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } }
    #expect(
      values == [
        "12345678901234567890", #"{"payload":{"text":"  a b  "},"messageId":12345678901234567890}"#,
        #""  a b  ""#, "-0.0",
      ])
  }

  @Test func `keys beyond ASCII, and one the start of another, are told apart`() throws {
    let found = try JSONText(
      validating: Array(#"{"type":1,"types":2,"键":3,"typ":4,"type2":5}"#.utf8),
      finding: MemberPaths(["type", "types", "键", "typ", "type2"]))
    let values = (0..<5).map { found.token($0).map { String(decoding: $0, as: UTF8.self) } }
    #expect(values == ["1", "2", "3", "4", "5"])
  }

  @Test(arguments: ["externalUser%Identifier", "%contactId", "contact%Id", "contactId%", "id%"])
  func `keys that differ in one byte only are told apart`(key: String) throws {
    let keys = (0..<3).map { key.replacing("%", with: "\($0)") }
    let members = (0..<3).map { "\"\(keys[$0])\":\($0)" }.joined(separator: ",")
    let found = try JSONText(
      validating: Array("{\(members)}".utf8), finding: MemberPaths([keys[0], keys[1]]))
    #expect(found.token(0).map(Array.init) == [UInt8(ascii: "0")])
    #expect(found.token(1).map(Array.init) == [UInt8(ascii: "1")])
  }

  @Test func `each of many paths finds its own, and forgets it`() throws {
    let paths = MemberPaths((0..<200).map { "key\($0).a" } + ["key7"])
    for number in 0..<200 {
      let once = #"{"key\#(number)":{"a":\#(number)}}"#
      let first = try JSONText(validating: Array(once.utf8), finding: paths)
      let found = (0..<200).filter { first.members[$0] != nil }
      #expect(found == [number])
      #expect(first.token(number).map { String(decoding: $0, as: UTF8.self) } == "\(number)")
      let twice = #"{"key\#(number)":{"a":1},"key\#(number)":{"b":2}}"#
      let second = try JSONText(validating: Array(twice.utf8), finding: paths)
      #expect((0..<200).allSatisfy { second.members[$0] == nil })
    }
  }

  @Test func `a key that is looked for elsewhere only is not found`() throws {
    let paths = MemberPaths((0..<200).flatMap { ["key\($0).a", "other\($0).b"] })
    for number in 0..<200 {
      let text = #"{"key\#(number)":{"b":1},"other\#(number)":{"a":1}}"#
      let found = try JSONText(validating: Array(text.utf8), finding: paths)
      #expect(found.members.allSatisfy { $0 == nil })
    }
  }

  @Test func `a key of a text that names no member costs nothing and finds nothing`() throws {
    #expect(try JSONText(validating: Array(#"{"a":1}"#.utf8)).members.isEmpty)
  }

  @Test func `a path that is given twice is a mistake of the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = MemberPaths(["a", "a"])
    }
  }
}
