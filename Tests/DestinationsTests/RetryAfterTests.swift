import Testing

@testable import Destinations

@Suite struct RetryAfterTests {
  /// Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples.
  static let date = 784_111_777

  @Test(
    arguments: [
      ("120", 120), ("0", 0), (" 7 ", 7), ("21601", 21601), ("31536000", 31_536_000),
      ("99999999999999999999999", RetryAfter.secondsMax),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 600), ("Sunday, 06-Nov-94 08:49:37 GMT", 600),
      ("Sun Nov  6 08:49:37 1994", 600), ("Sun, 06 Nov 1994 08:39:36 GMT", 0),
      ("Wed, 21 Oct 2015 07:28:00 GMT", 661_301_303),
    ] as [(String, Int)])
  func `seconds and dates are kept in full`(value: String, seconds: Int) {
    #expect(RetryAfter.seconds(value, nowSeconds: Self.date - 600) == seconds)
  }

  @Test(arguments: ["", " ", "soon", "-5", "3 apples", "1.5", "1e3", "0x10", "Sun", "12:00"])
  func `what is neither asks for nothing`(value: String) {
    #expect(RetryAfter.seconds(value, nowSeconds: Self.date) == nil)
  }
}
