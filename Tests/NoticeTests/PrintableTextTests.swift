import Testing

@testable import Notice

struct PrintableTextTests {
  @Test(arguments: [
    ("你好, café 👩‍👩‍👧", "你好, café 👩‍👩‍👧"),
    ("one\ntwo\r\n\tthree\u{2028}four", "one two   three four"),
    ("\u{1B}[31mred\u{1B}]0;title\u{07}", "\u{FFFD}[31mred\u{FFFD}]0;title\u{FFFD}"),
    ("\u{9B}31m\u{7F}\0", "\u{FFFD}31m\u{FFFD}\u{FFFD}"),
    ("\u{202E}txt.exe\u{2066}", "\u{FFFD}txt.exe\u{FFFD}"),
  ])
  func `a text stays on its line and moves nothing but the cursor`(text: String, shown: String) {
    #expect(PrintableText.line(text) == shown)
  }
}
