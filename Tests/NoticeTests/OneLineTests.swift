import Notice
import Testing

struct OneLineTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("你好 é", "你好 é"), ("a\r\nb\tc\0", "a  b c "),
    ("\u{1B}[31mred\u{7F}", " [31mred "), ("\u{9B}2J\u{85}", " 2J "),
    ("a\u{2028}b\u{2029}c", "a b c"),
    ("\u{202E}txt.exe\u{2066}", " txt.exe "), ("\u{FEFF}x\u{AD}", " x "),
    ("👩‍👩‍👧 क्‍ष", "👩‍👩‍👧 क्‍ष"),
  ])
  func `text from elsewhere stays on its line and obeys nobody`(text: String, shown: String) {
    #expect(OneLine.shown(text) == shown)
  }
}
