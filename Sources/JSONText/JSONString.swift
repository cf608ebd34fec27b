/// JSON string tokens: what one means, and how to write one.
package enum JSONString {
  /// The UTF-8 meant by a valid string token's inside, escapes replaced. A lone surrogate, which no
  /// UTF-8 can hold, becomes U+FFFD: so this is for looking, never for storing.
  package static func decode(_ range: Range<Int>, of bytes: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        index += 1
        continue
      }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        let (scalar, next) = decodeUnicode(bytes, from: index, end: range.upperBound)
        result.append(contentsOf: Character(scalar).utf8)
        index = next
      default: result.append(escape)
      }
    }
    return result
  }

  /// `token`, a valid string token with its quotes, as text; nil for any other token.
  package static func text(_ token: ArraySlice<UInt8>) -> String? {
    guard token.count >= 2, token.first == UInt8(ascii: "\"") else { return nil }
    let inside = token.dropFirst().dropLast()
    guard inside.contains(UInt8(ascii: "\\")) else {
      return String(decoding: inside, as: UTF8.self)
    }
    return String(decoding: decode(0..<inside.count, of: inside.span), as: UTF8.self)
  }

  /// Every string in a valid text without white space, keys left out, in the order they stand.
  package static func values(in token: ArraySlice<UInt8>) -> [String] {
    var values: [String] = []
    var index = token.startIndex
    while let start = token[index...].firstIndex(of: UInt8(ascii: "\"")) {
      var end = start + 1
      while token[end] != UInt8(ascii: "\"") {
        end += token[end] == UInt8(ascii: "\\") ? 2 : 1
      }
      index = end + 1
      let isKey = index < token.endIndex && token[index] == UInt8(ascii: ":")
      if !isKey, let value = text(token[start..<index]) { values.append(value) }
    }
    return values
  }

  /// Appends `text` as a token with quotes. Control characters are escaped, those beyond
  /// ASCII and Unicode's line separators and reversals as well: a terminal obeys some of them.
  package static func append(_ text: String, to output: inout [UInt8]) {
    var text = text
    text.withUTF8 { unsafe append(utf8: $0.span, to: &output) }
  }

  private static func append(utf8 text: Span<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    // Nearly all that is written so is plain ASCII.
    if text.indices.allSatisfy({ isPlain(text[$0]) }) {
      unsafe text.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
      output.append(UInt8(ascii: "\""))
      return
    }
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0xC2, let (code, length) = control(text, at: index) {
        appendEscape(code, to: &output)
        index += length
        continue
      }
      index += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case ..<0x20, 0x7F: appendEscape(UInt16(byte), to: &output)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Stands in a token as it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// A valid JSON text in which such characters are escaped that ``append(_:to:)`` escapes, and that JSON allows as they are:
  /// it means the same, and can be shown on a terminal.
  package static func escapingControls(_ text: some Collection<UInt8>) -> [UInt8] {
    let text = Array(text)
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == 0x7F {
        appendEscape(0x7F, to: &output)
        index += 1
      } else if let (code, length) = control(text.span, at: index) {
        appendEscape(code, to: &output)
        index += length
      } else {
        output.append(text[index])
        index += 1
      }
    }
    return output
  }

  /// A control character beyond ASCII, a line separator, or one that turns the order of letters around, where one stands at
  /// `index` of valid UTF-8; and its bytes.
  private static func control(_ text: Span<UInt8>, at index: Int) -> (code: UInt16, length: Int)? {
    if text[index] == 0xC2, index + 1 < text.count, text[index + 1] < 0xA0 {
      return (UInt16(text[index + 1]), 2)
    }
    guard text[index] == 0xE2, index + 2 < text.count else { return nil }
    let code = 0x2000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F)
    return (0x2028...0x202E).contains(code) || (0x2066...0x2069).contains(code) ? (code, 3) : nil
  }

  private static func appendEscape(_ code: UInt16, to output: inout [UInt8]) {
    output.append(contentsOf: "\\u".utf8)
    for shift in [12, 8, 4, 0] { output.append(hexDigits[Int(code >> shift) & 15]) }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  /// Four hexadecimal digits at `start`, and, where they are the first half of a pair, the second half.
  private static func decodeUnicode(
    _ bytes: Span<UInt8>, from start: Int, end: Int
  ) -> (Unicode.Scalar, next: Int) {
    let first = codeUnit(bytes, at: start)
    let next = start + 4
    if (0xD800..<0xDC00).contains(first), next + 6 <= end, bytes[next] == UInt8(ascii: "\\"),
      bytes[next + 1] == UInt8(ascii: "u")
    {
      let second = codeUnit(bytes, at: next + 2)
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return (scalar, next + 6)
      }
    }
    return (Unicode.Scalar(first) ?? "\u{FFFD}", next)
  }

  private static func codeUnit(_ bytes: Span<UInt8>, at start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { $0 << 4 | (hexDigit(bytes[$1]) ?? 0) }
  }
}
