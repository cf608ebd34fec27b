import JSONText
import Testing

struct JSONStringTests {
  @Test(arguments: [
    (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u0041\u00e9\u8bed""#, "Aé语"), (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00x""#, "😀x"),
    (#""\ud800""#, "\u{FFFD}"), (#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
    (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83dA""#, "\u{FFFD}A"), (#""\ud83d\n""#, "\u{FFFD}\n"),
    (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\u0000""#, "\u{0}"), (#""\\u0041""#, "\\u0041"),
    (#""语😀""#, "语😀"), (#""a\"""#, "a\""),
  ])
  func `a string token means its characters`(token: String, text: String) {
    #expect(JSONString.text(Array(token.utf8)[...]) == text)
    // A token is a slice of something longer, whose indices do not begin at nought.
    let slice = Array("[0,\(token)]".utf8).dropFirst(3).dropLast()
    #expect(JSONString.text(slice) == text)
  }

  @Test(arguments: ["1", "true", "null", "{}", "[\"a\"]", "-0"])
  func `any other token is no text`(token: String) {
    #expect(JSONString.text(Array(token.utf8)[...]) == nil)
  }

  @Test func `what is written reads as it was, as one line of ASCII control-free JSON`() throws {
    let text =
      String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init))) + "语😀\u{2028}"
    var token: [UInt8] = []
    JSONString.append(text, to: &token)
    #expect(!token.contains { $0 < 0x20 || $0 == 0x7F })
    let written = String(decoding: token, as: UTF8.self).unicodeScalars
    #expect(!written.contains { (0x80...0x9F).contains($0.value) || $0.value == 0x2028 })
    #expect(try JSONText(validating: token).bytes == token)
    #expect(JSONString.text(token[...]) == text)
  }

  @Test func `a character alone reads as it was`() throws {
    for byte in UInt8(0)...0x7F {
      var token: [UInt8] = []
      JSONString.append("a\(Character(Unicode.Scalar(byte)))", to: &token)
      #expect(!token.contains { $0 < 0x20 || $0 == 0x7F })
      #expect(try JSONText(validating: token).bytes == token)
      #expect(JSONString.text(token[...])?.utf8.elementsEqual([UInt8(ascii: "a"), byte]) == true)
    }
  }

  @Test(arguments: [
    (
      #"{"a":"x","b":["y",{"c":"z \"q\" \u4f60"}],"d":1,"e":null,"f":{}}"#, ["x", "y", #"z "q" 你"#]
    ),
    (#""plain""#, ["plain"]), (#"{"a\"":"\\"}"#, ["\\"]), ("[]", []), ("12", []),
  ])
  func `the strings of a text are its values, not its keys`(text: String, values: [String]) {
    #expect(JSONString.values(in: Array(text.utf8)[...]) == values)
  }

  @Test func `a text can be shown on a terminal and means the same`() throws {
    let text = Array(
      "{\"a\":\"\u{9B}31m\u{7F}\u{85}é语\u{2028}\u{2029}\u{202E}\u{2066}\u{A0}\"}".utf8)
    let shown = JSONString.escapingControls(text)
    #expect(
      String(decoding: shown, as: UTF8.self)
        == "{\"a\":\"\\u009b31m\\u007f\\u0085é语\\u2028\\u2029\\u202e\\u2066\u{A0}\"}")
    #expect(
      JSONString.text(try JSONText(validating: shown).bytes.dropFirst(5).dropLast())
        == JSONString.text(text.dropFirst(5).dropLast()))
  }
}
