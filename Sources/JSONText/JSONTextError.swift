/// Why some bytes are not a JSON text: where, what would have been right there, and what stood there.
package struct JSONTextError: Error, Equatable, CustomStringConvertible {
  /// Bytes before the first one that cannot belong to a JSON text.
  package let offset: Int
  package let expected: Expectation
  /// The byte at `offset`; nil where the text ends too early.
  package let found: UInt8?

  package enum Expectation: String, Sendable {
    case value = "a value"
    case keyOrEnd = "a key or '}'"
    case key = "a key"
    case colon = "':'"
    case commaOrObjectEnd = "',' or '}'"
    case commaOrArrayEnd = "',' or ']'"
    case valueOrArrayEnd = "a value or ']'"
    case end = "the end of the text"
    case digit = "a digit"
    case literal = "true, false or null"
    case escape = "one of \" \\ / b f n r t u after '\\'"
    case hexDigit = "a hexadecimal digit"
    case character = "an escape instead of a control character"
    case stringEnd = "a closing '\"'"
    case utf8 = "valid UTF-8"
    case lessDepth = "at most 512 levels of nesting"
    case lessBytes = "at most 2147483647 bytes"
  }

  package var description: String {
    guard let found else {
      return "the text ends at byte \(offset), where \(expected.rawValue) was expected"
    }
    let shown =
      (0x21...0x7E).contains(found)
      ? "'\(Character(Unicode.Scalar(found)))'"
      : "byte 0x\(found < 16 ? "0" : "")\(String(found, radix: 16, uppercase: true))"
    return "at byte \(offset): expected \(expected.rawValue), found \(shown)"
  }
}
