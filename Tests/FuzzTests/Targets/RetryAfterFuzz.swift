@testable import Destinations

/// Whatever an answer says, the wait is none or one that can be waited for.
enum RetryAfterFuzz {
  static func run(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    for clockSeconds in [0, 1_800_000_000, .max / 4] {
      guard let seconds = RetryAfter.seconds(text, nowSeconds: clockSeconds) else { continue }
      try expect(
        (0...RetryAfter.secondsMax).contains(seconds), "a wait is from now to a hundred years")
    }
    if let number = Int(text), number >= 0, text.first != "+", text.first != "-" {
      try expect(
        RetryAfter.seconds(text, nowSeconds: 0) == min(number, RetryAfter.secondsMax),
        "digits are seconds")
    }
  }
}
