/// What `jsonb` takes of JSON. It refuses three things that JSON allows: the escape `\u0000`, a surrogate that is not half
/// of a pair, and numbers beyond `numeric`.
enum JSONBText {
  /// Digits of a number, and of its exponent, that are surely not too many: `numeric` has 131,072 before the point and
  /// 16,383 after it.
  private static let digitsMax = 1000
  private static let exponentDigitsMax = 3

  /// Whether `jsonb` takes `bytes`, which are valid JSON. Refuses some large numbers that it would take.
  static func takes(_ bytes: Span<UInt8>) -> Bool {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    var index = 0
    // From where the look at strings has come to: they stand nowhere else.
    var nextBackslash = bytes.firstIndex(of: backslash, in: 0..<bytes.count)
    while index < bytes.count {
      let byte = bytes[index]
      if byte == quote {
        index += 1
        var nextQuote = bytes.firstIndex(of: quote, in: index..<bytes.count)
        while nextBackslash < nextQuote {
          guard let length = escapeLength(bytes, at: nextBackslash) else { return false }
          index = nextBackslash + length
          nextBackslash = bytes.firstIndex(of: backslash, in: index..<bytes.count)
          // It may have been a quote that is escaped.
          if nextQuote < index {
            nextQuote = bytes.firstIndex(of: quote, in: index..<bytes.count)
          }
        }
        index = nextQuote + 1
      } else if isDigit(byte) {
        guard let length = numberLength(bytes, at: index) else { return false }
        index += length
      } else {
        index += 1
      }
    }
    return true
  }

  /// How long the escape is that begins here, a pair of surrogates being one; nil where it is refused.
  private static func escapeLength(_ bytes: Span<UInt8>, at index: Int) -> Int? {
    guard bytes[index + 1] == UInt8(ascii: "u") else { return 2 }
    let unit = unit(bytes, at: index + 2)
    switch unit {
    case 0, 0xDC00...0xDFFF: return nil
    case 0xD800...0xDBFF:
      guard index + 12 <= bytes.count, bytes[index + 6] == UInt8(ascii: "\\"),
        bytes[index + 7] == UInt8(ascii: "u"),
        (0xDC00...0xDFFF).contains(Self.unit(bytes, at: index + 8))
      else { return nil }
      return 12
    default: return 6
    }
  }

  /// Four hexadecimal digits.
  private static func unit(_ bytes: Span<UInt8>, at index: Int) -> Int {
    var value = 0
    for place in index..<index + 4 {
      let byte = bytes[place]
      value = value << 4 | Int(isDigit(byte) ? byte & 15 : (byte & 15) + 9)
    }
    return value
  }

  /// How long the rest of the number is that has a digit here; nil where it may be too large.
  private static func numberLength(_ bytes: Span<UInt8>, at index: Int) -> Int? {
    var end = index
    while end < bytes.count, isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
    guard end - index <= digitsMax else { return nil }
    guard end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") else { return end - index }
    end += 1
    if end < bytes.count, !isDigit(bytes[end]) { end += 1 }
    let exponent = end
    while end < bytes.count, isDigit(bytes[end]) { end += 1 }
    return end - exponent <= exponentDigitsMax ? end - index : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10
  }
}
