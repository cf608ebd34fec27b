/// Values in PostgreSQL's binary form, each with its length of 32 bits before it, as they stand in arrays and in rows that are
/// copied.
struct PostgreSQLBinary {
  private(set) var bytes: [UInt8] = []

  /// Makes room.
  init(capacity: Int) {
    bytes.reserveCapacity(capacity)
  }

  /// `line` is the record's.
  mutating func append(_ value: PostgreSQLValue, of line: [UInt8]) {
    switch value {
    case .null: append(Int32(-1))
    case .uuid(let number): append(field: number)
    case .integer(let number): append(field: number)
    case .bool(let isTrue): append(field: UInt8(isTrue ? 1 : 0))
    // Microseconds since 2000.
    case .timestamp(let milliseconds): append(field: (milliseconds - 946_684_800_000) * 1000)
    case .text(let text):
      let text = text.withoutNulls
      append(Int32(text.utf8.count))
      bytes += text.utf8
    case .part(let range):
      append(Int32(range.count))
      bytes += line[range]
    case .json:
      // `jsonb` is its version and its text.
      append(Int32(line.count + 1))
      bytes.append(1)
      bytes += line
    }
  }

  /// The first byte is the highest.
  mutating func append(_ number: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  private mutating func append<Number: FixedWidthInteger>(field number: Number) {
    append(Int32(number.bitWidth / 8))
    append(number)
  }
}
