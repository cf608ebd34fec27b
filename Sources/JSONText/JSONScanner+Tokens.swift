extension JSONScanner {
  /// From the opening quote; returns the index after the closing one, and whether an escape stands
  /// between. RFC 8259 §7.
  @inline(__always)
  static func scanString(
    _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> (end: Int, isEscaped: Bool) {
    let index = skipPlain(text, from: start + 1)
    if text.byte(at: index) == UInt8(ascii: "\"") { return (index + 1, false) }
    return try scanStringRest(text, from: index)
  }

  private static func scanStringRest(
    _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> (end: Int, isEscaped: Bool) {
    var index = start
    var isEscaped = false
    while true {
      switch text.byte(at: index) {
      case UInt8(ascii: "\""): return (index + 1, isEscaped)
      case UInt8(ascii: "\\"):
        isEscaped = true
        index = try scanEscape(text, from: index + 1)
      case 0x80...: index = try scanUTF8(text, from: index)
      case ..<0x20:
        throw text.error(at: index, expected: index < text.count ? .character : .stringEnd)
      default: index += 1
      }
      index = skipPlain(text, from: index)
    }
  }

  /// Passes over sixteen bytes at a time as long as none of them ends the string, escapes, is a control character or lies
  /// outside ASCII. No index of a text comes near the largest integer.
  @inline(__always)
  private static func skipPlain(_ text: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index &+ 16 <= text.count {
      let special = text.specialInString(at: index)
      if special != 0 { return index &+ special.trailingZeroBitCount }
      index &+= 16
    }
    return index
  }

  private static func scanEscape(
    _ text: Span<UInt8>, from index: Int
  ) throws(JSONTextError) -> Int {
    switch text.byte(at: index) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index + 1
    case UInt8(ascii: "u"):
      // Any four digits: RFC 8259 §8.2 lets lone surrogates pass.
      for digit in index + 1...index + 4 where JSONString.hexDigit(text.byte(at: digit)) == nil {
        throw text.error(at: digit, expected: .hexDigit)
      }
      return index + 5
    default: throw text.error(at: index, expected: .escape)
    }
  }

  /// One character of two to four bytes, or as many of three bytes as follow each other, by the table of
  /// well-formed sequences (Unicode 15, table 3-7).
  private static func scanUTF8(_ text: Span<UInt8>, from start: Int) throws(JSONTextError) -> Int {
    // Most text beyond ASCII is Chinese: three bytes a character.
    var index = start
    while index + 16 <= text.count {
      let characters = text.threeByteCharacters(at: index)
      index += 3 * characters
      if characters < 5 { break }
    }
    if index > start { return index }

    let second: ClosedRange<UInt8>
    let length: Int
    switch text[start] {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xE1...0xEC, 0xEE...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    default: throw text.error(at: start, expected: .utf8)
    }
    for index in start + 1..<start + length {
      guard (index == start + 1 ? second : 0x80...0xBF).contains(text.byte(at: index)) else {
        throw text.error(at: index, expected: .utf8)
      }
    }
    return start + length
  }

  @inline(__always)
  static func scanNumberOrLiteral(
    _ text: Span<UInt8>, from start: Int, expecting: JSONTextError.Expectation
  ) throws(JSONTextError) -> Int {
    switch text.byte(at: start) {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try scanNumber(text, from: start)
    case UInt8(ascii: "t"): return try scanLiteral("true", text, from: start)
    case UInt8(ascii: "f"): return try scanLiteral("false", text, from: start)
    case UInt8(ascii: "n"): return try scanLiteral("null", text, from: start)
    default: throw text.error(at: start, expected: expecting)
    }
  }

  @inline(__always)
  private static func scanLiteral(
    _ literal: StaticString, _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> Int {
    for offset in 0..<literal.utf8CodeUnitCount {
      // Safe: `offset` is less than the literal's length.
      guard unsafe literal.utf8Start[offset] == text.byte(at: start + offset) else {
        throw text.error(at: start + offset, expected: .literal)
      }
    }
    return start + literal.utf8CodeUnitCount
  }

  /// RFC 8259 §6: `[ minus ] int [ frac ] [ exp ]`. What follows is the caller's to judge.
  private static func scanNumber(
    _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> Int {
    var index = start
    if text.byte(at: index) == UInt8(ascii: "-") { index += 1 }
    if text.byte(at: index) == UInt8(ascii: "0") {
      index += 1
    } else {
      index = try scanDigits(text, from: index)
    }
    if text.byte(at: index) == UInt8(ascii: ".") {
      index = try scanDigits(text, from: index + 1)
    }
    if text.byte(at: index) | 0x20 == UInt8(ascii: "e") {
      index += 1
      let sign = text.byte(at: index)
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
      index = try scanDigits(text, from: index)
    }
    return index
  }

  /// One digit or more.
  @inline(__always)
  private static func scanDigits(
    _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> Int {
    var index = start
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text.byte(at: index)) { index += 1 }
    guard index > start else { throw text.error(at: index, expected: .digit) }
    return index
  }
}
