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

  /// Appends `text` as a token with quotes; what is not UTF-8 becomes U+FFFD.
  package static func append(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    // Nearly all that is written so is plain ASCII.
    if text.withContiguousStorageIfAvailable({ unsafe $0.allSatisfy(isPlain) }) == true {
      output.append(contentsOf: text)
      output.append(UInt8(ascii: "\""))
      return
    }
    for byte in String(decoding: Array(text), as: UTF8.self).utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case ..<0x20, 0x7F:
        output.append(contentsOf: "\\u00".utf8)
        output.append(hexDigits[Int(byte >> 4)])
        output.append(hexDigits[Int(byte & 15)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Stands in a token as it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
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
