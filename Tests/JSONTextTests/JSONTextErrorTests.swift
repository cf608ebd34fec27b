import JSONText
import Testing

struct JSONTextErrorTests {
  @Test(arguments: [
    ("", "the text ends at byte 0, where a value was expected"),
    ("{\"a\":1", "the text ends at byte 6, where ',' or '}' was expected"),
    ("{a}", "at byte 1: expected a key or '}', found 'a'"),
    ("[1,\u{1}]", "at byte 3: expected a value, found byte 0x01"),
    ("{\"a\" é", "at byte 5: expected ':', found byte 0xC3"),
    ("[\"a\nb\"]", "at byte 3: expected an escape instead of a control character, found byte 0x0A"),
    ("{} x", "at byte 3: expected the end of the text, found 'x'"),
  ])
  func `an error says where, what was expected and what stood there`(
    text: String, description: String
  ) {
    let error = #expect(throws: JSONTextError.self) {
      try JSONText(validating: Array(text.utf8))
    }
    #expect(error?.description == description)
  }
}
