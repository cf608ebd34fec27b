import Testing

@testable import NoticeHandler

struct SecretSetTests {
  @Test func `only what equals a secret byte by byte is one`() {
    let long = String(repeating: "x", count: 256)
    let secrets = SecretSet(["one", "two", long])
    for right in ["one", "two", long] { #expect(secrets.contains(right.utf8)) }
    for wrong in ["", "on", "onee", "one\0", "ONE", "twotwo", String(long.dropLast()), long + "x"] {
      #expect(!secrets.contains(wrong.utf8))
    }
    #expect(!SecretSet().contains("".utf8))
  }

  @Test(arguments: [
    ("plain", "plain"), ("%6f%6Ee", "one"), ("a%2Fb", "a/b"), ("50%", "50%"), ("%zz%4", "%zz%4"),
    ("%E4%BD%A0", "你"), ("a+b", "a+b"), ("%2541", "%41"),
  ])
  func `percent-encoding is read once`(written: String, meant: String) {
    #expect(PercentEncoding.decode(written.utf8) == Array(meant.utf8))
  }
}
