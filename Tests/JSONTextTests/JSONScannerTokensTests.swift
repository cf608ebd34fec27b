import Testing

@testable import JSONText

/// Strings, numbers and literals.
struct JSONScannerTokensTests {
  @Test(arguments: [
    "0", "-0", "-0.0", "1", "10", "-1", "1.0", "0.001", "1e1", "1E1", "1e+1", "1e-1", "1E400",
    "0e0",
    "123456789012345678901234567890", "1.7976931348623157e9999", "-1.5e-07",
  ])
  func `a number is kept as it is spelt`(number: String) throws {
    for text in [number, "[\(number)]", "{\"a\":\(number)}"] {
      #expect(try JSONText(validating: Array(text.utf8)).bytes == Array(text.utf8))
    }
  }

  @Test(
    arguments: [
      ("[-]", 2, .digit), ("[-", 2, .digit), ("[+1]", 1, .valueOrArrayEnd),
      ("[01]", 2, .commaOrArrayEnd),
      ("[-01]", 3, .commaOrArrayEnd), ("[00]", 2, .commaOrArrayEnd), ("[1.]", 3, .digit),
      ("[.5]", 1, .valueOrArrayEnd), ("[1.e1]", 3, .digit), ("[1e]", 3, .digit),
      ("[1e+]", 4, .digit),
      ("[1e+", 4, .digit), ("[1E-x]", 4, .digit), ("[1.2.3]", 4, .commaOrArrayEnd),
      ("[0x10]", 2, .commaOrArrayEnd), ("[1_000]", 2, .commaOrArrayEnd), ("[--1]", 2, .digit),
      ("[-Infinity]", 2, .digit), ("[1a]", 2, .commaOrArrayEnd), ("[1e1.5]", 4, .commaOrArrayEnd),
      ("[\u{FF11}]", 1, .valueOrArrayEnd),
      ("[tru]", 4, .literal), ("[tru", 4, .literal), ("[nul", 4, .literal),
      ("[falsy]", 5, .literal),
      ("[truee]", 5, .commaOrArrayEnd), ("[TRUE]", 1, .valueOrArrayEnd), ("[nil]", 2, .literal),
    ] as [(String, Int, JSONTextError.Expectation)])
  func `a wrong number or literal is refused where it goes wrong`(
    text: String, offset: Int, expected: JSONTextError.Expectation
  ) {
    expectRefusal(Array(text.utf8), offset, expected)
  }

  @Test(arguments: [
    #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u00E9""#, #""\ud83d\ude00""#,
    #""\ud800""#, #""\udc00""#, #""\udc00\ud800""#, "\"\u{7F}\"", "\"\u{80}\"",
    "\"\u{2028}\u{2029}\"",
    "\"\u{FFFE}\u{10FFFF}\"", #""/""#, #""'""#,
  ])
  func `a string is kept as it is spelt`(string: String) throws {
    // Each at every place among the sixteen bytes that are looked at at once, and where fewer are left.
    for shift in 0..<17 {
      let head = String(repeating: "x", count: shift)
      for tail in ["", ",\"a tail of sixteen\""] {
        let bytes = Array("[\"\(head)\",\(string)\(tail)]".utf8)
        #expect(try JSONText(validating: bytes).bytes == bytes)
      }
    }
  }

  @Test(
    arguments: [
      (#""abc"#, 4, .stringEnd), (#"""#, 1, .stringEnd), (#""\""#, 3, .stringEnd),
      (#""\"#, 2, .escape),
      (#""\a""#, 2, .escape), (#""\0""#, 2, .escape), (#""\x41""#, 2, .escape),
      (#""\U0041""#, 2, .escape),
      (#""\u""#, 3, .hexDigit), (#""\u12""#, 5, .hexDigit), (#""\u123g""#, 6, .hexDigit),
      (#""\u123"#, 6, .hexDigit), (#""\u 123""#, 3, .hexDigit), (#""\u+123""#, 3, .hexDigit),
    ] as [(String, Int, JSONTextError.Expectation)])
  func `a wrong string is refused where it goes wrong`(
    text: String, offset: Int, expected: JSONTextError.Expectation
  ) {
    expectRefusal(Array(text.utf8), offset, expected)
  }

  @Test(arguments: 0..<0x20 as Range<UInt8>)
  func `a control character in a string is refused`(byte: UInt8) {
    for shift in 0..<17 {
      let head = [UInt8](repeating: UInt8(ascii: "x"), count: shift)
      for tail in ["\"", "a tail of sixteen\""] {
        expectRefusal(
          [UInt8(ascii: "\"")] + head + [byte] + Array(tail.utf8), shift + 1, .character)
      }
    }
  }

  /// Every sequence of two bytes, and the edges of the longer ones (Unicode 15, table 3-7).
  @Test func `what is not UTF-8 is refused at its first wrong byte`() throws {
    for first in 0x80...0xFF as ClosedRange<UInt8> {
      for second in 0x80...0xFF as ClosedRange<UInt8> {
        try check([first, second])
      }
    }
    let leads: [UInt8] = [
      0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF,
    ]
    let edges: [UInt8] = [0x00, 0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    for first in leads {
      for second in edges {
        for third in edges {
          try check([first, second, third])
          for fourth in edges { try check([first, second, third, fourth]) }
        }
      }
    }
  }

  @Test(
    arguments: [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0x80], [0xBF], [0xFE], [0xFF], [0xC3], [0xE2, 0x82],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func `overlong forms, surrogates and what lies above U+10FFFF are no UTF-8`(bytes: [UInt8]) {
    let error = #expect(throws: JSONTextError.self) {
      try JSONText(validating: [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
    }
    #expect(error?.expected == .utf8)
  }

  /// Compares with the standard library, which knows nothing of this scanner: at the text's end and before it, alone and among
  /// characters of three bytes.
  private func check(_ bytes: [UInt8]) throws {
    let isWhole = !bytes.contains { $0 < 0x20 || $0 == 0x22 }
    guard isWhole else { return }
    let isValid = String(validating: bytes, as: UTF8.self) != nil
    for (head, rest) in [("", ""), ("", "yyyyyyyyyyyyyyyy"), ("中文", "字符字符字符"), ("字", "yy")] {
      let text = Array("\"\(head)".utf8) + bytes + Array("\(rest)\"".utf8)
      let scanned = try? JSONText(validating: text).bytes
      #expect((scanned == text) == isValid, "\(bytes)")
    }
  }

  private func expectRefusal(
    _ bytes: [UInt8], _ offset: Int, _ expected: JSONTextError.Expectation
  ) {
    let found = offset < bytes.count ? bytes[offset] : nil
    #expect(throws: JSONTextError(offset: offset, expected: expected, found: found)) {
      try JSONText(validating: bytes)
    }
  }
}
