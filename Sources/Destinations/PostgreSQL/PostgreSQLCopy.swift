import Notice

/// Rows as `COPY … FROM STDIN` reads them (PostgreSQL's documentation, "COPY", text format): fields end in tabs, rows in
/// line feeds, `\N` is NULL. What a column makes of a field is the server's: types may be others than ours.
struct PostgreSQLCopy {
  private(set) var bytes: [UInt8] = []

  /// Makes room for so many bytes of records in so many rows.
  mutating func reserve(records: Int, bytes count: Int) {
    bytes.reserveCapacity(count + count / 4 + records * 512)
  }

  mutating func append(_ value: PostgreSQLValue) {
    switch value {
    case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
    case .uuid(let text): bytes += text.utf8
    case .integer(let number): bytes += "\(number)".utf8
    case .bool(let isTrue): bytes.append(UInt8(ascii: isTrue ? "t" : "f"))
    case .timestamp(let milliseconds):
      bytes += Timestamp(milliseconds: milliseconds).rfc3339.utf8
    case .text(var text):
      text = text.withoutNulls
      text.withUTF8 { unsafe append(escaping: $0) }
    case .bytes(let slice): unsafe slice.withUnsafeBufferPointer { unsafe append(escaping: $0) }
    case .json(let line): unsafe line.withUnsafeBufferPointer { unsafe append(escaping: $0) }
    }
    bytes.append(UInt8(ascii: "\t"))
  }

  mutating func endRow() {
    bytes[bytes.count - 1] = UInt8(ascii: "\n")
  }

  private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for index in text.indices {
      let letter: UInt8
      switch unsafe text[index] {
      case UInt8(ascii: "\\"): letter = UInt8(ascii: "\\")
      case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
      case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
      case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
      default: continue
      }
      unsafe bytes.append(contentsOf: text[start..<index])
      bytes += [UInt8(ascii: "\\"), letter]
      start = index + 1
    }
    unsafe bytes.append(contentsOf: text[start...])
  }
}
