extension JSONScanner {
  /// From the opening quote; returns the index after the closing one. RFC 8259 §7.
  mutating func scanString(
    _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> Int {
    var index = start + 1
    while true {
      index = skipPlain(text, from: index)
      guard index < text.count else {
        throw JSONTextError(offset: index, expected: .stringEnd, found: nil)
      }
      switch text[index] {
      case UInt8(ascii: "\""): return index + 1
      case UInt8(ascii: "\\"):
        escapes += 1
        index = try scanEscape(text, from: index + 1)
      case ..<0x20:
        throw JSONTextError(offset: index, expected: .character, found: text[index])
      case 0x80...:
        // Where one character is not ASCII, the next is seldom either.
        repeat {
          index = try scanUTF8(text, from: index)
        } while index < text.count
          && text[index] >= 0x80
      default: index += 1
      }
    }
  }

  /// Passes over eight bytes at a time as long as none of them ends the string, escapes, is a control
  /// character or lies outside ASCII. A byte below `n` borrows into its top bit when `n` is taken away.
  private func skipPlain(_ text: Span<UInt8>, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let bytes = unsafe text.bytes
    var index = start
    while index + 8 <= bytes.byteCount {
      // Safe: the eight bytes lie inside the text, and any bits make an integer.
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let special =
        (quote &- ones) | (backslash &- ones) | (word &- (ones &* 0x20)) | word
      let hits = special & tops
      if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
      index += 8
    }
    return index
  }

  private func scanEscape(_ text: Span<UInt8>, from index: Int) throws(JSONTextError) -> Int {
    guard index < text.count else {
      throw JSONTextError(offset: index, expected: .escape, found: nil)
    }
    switch text[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index + 1
    case UInt8(ascii: "u"):
      // Any four digits: RFC 8259 §8.2 lets lone surrogates pass.
      for digit in index + 1...index + 4 {
        guard digit < text.count else {
          throw JSONTextError(offset: digit, expected: .hexDigit, found: nil)
        }
        guard JSONString.hexDigit(text[digit]) != nil else {
          throw JSONTextError(offset: digit, expected: .hexDigit, found: text[digit])
        }
      }
      return index + 5
    case let byte:
      throw JSONTextError(offset: index, expected: .escape, found: byte)
    }
  }

  /// One character of two to four bytes, by the table of well-formed sequences (Unicode 15, table 3-7).
  private func scanUTF8(_ text: Span<UInt8>, from start: Int) throws(JSONTextError) -> Int {
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
    default: throw JSONTextError(offset: start, expected: .utf8, found: text[start])
    }
    for index in start + 1..<start + length {
      guard index < text.count else {
        throw JSONTextError(offset: index, expected: .utf8, found: nil)
      }
      guard (index == start + 1 ? second : 0x80...0xBF).contains(text[index]) else {
        throw JSONTextError(offset: index, expected: .utf8, found: text[index])
      }
    }
    return start + length
  }

  func scanNumberOrLiteral(
    _ text: Span<UInt8>, from start: Int, expecting: JSONTextError.Expectation
  ) throws(JSONTextError) -> Int {
    switch text[start] {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try scanNumber(text, from: start)
    case UInt8(ascii: "t"): return try scanLiteral("true", text, from: start)
    case UInt8(ascii: "f"): return try scanLiteral("false", text, from: start)
    case UInt8(ascii: "n"): return try scanLiteral("null", text, from: start)
    case let byte: throw JSONTextError(offset: start, expected: expecting, found: byte)
    }
  }

  private func scanLiteral(
    _ literal: StaticString, _ text: Span<UInt8>, from start: Int
  ) throws(JSONTextError) -> Int {
    for offset in 0..<literal.utf8CodeUnitCount {
      let index = start + offset
      guard index < text.count else {
        throw JSONTextError(offset: index, expected: .literal, found: nil)
      }
      // Safe: `offset` is less than the literal's length.
      guard unsafe literal.utf8Start[offset] == text[index] else {
        throw JSONTextError(offset: index, expected: .literal, found: text[index])
      }
    }
    return start + literal.utf8CodeUnitCount
  }

  /// RFC 8259 §6: `[ minus ] int [ frac ] [ exp ]`. What follows is the caller's to judge.
  private func scanNumber(_ text: Span<UInt8>, from start: Int) throws(JSONTextError) -> Int {
    var index = start
    if text[index] == UInt8(ascii: "-") { index += 1 }
    if index < text.count, text[index] == UInt8(ascii: "0") {
      index += 1
    } else {
      index = try scanDigits(text, from: index)
    }
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index = try scanDigits(text, from: index + 1)
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
        index += 1
      }
      index = try scanDigits(text, from: index)
    }
    return index
  }

  /// One digit or more.
  private func scanDigits(_ text: Span<UInt8>, from start: Int) throws(JSONTextError) -> Int {
    var index = start
    while index < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) {
      index += 1
    }
    guard index > start else {
      throw JSONTextError(
        offset: index, expected: .digit, found: index < text.count ? text[index] : nil)
    }
    return index
  }
}
