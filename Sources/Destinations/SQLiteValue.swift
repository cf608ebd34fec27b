/// A value of one column.
enum SQLiteValue: Equatable {
  case null
  case integer(Int)
  case text(String)
  /// UTF-8.
  case bytes([UInt8])

  init(_ text: String?) {
    self = text.map(Self.text) ?? .null
  }

  /// A number where the text is one that fits; otherwise the text as it came.
  init(integer text: String?) {
    self = text.flatMap { Int($0) }.map(Self.integer) ?? Self(text)
  }

  /// 1 and 0 for `true` and `false`; otherwise the text as it came.
  init(bool text: String?) {
    switch text {
    case "true": self = .integer(1)
    case "false": self = .integer(0)
    default: self.init(integer: text)
    }
  }
}
