/// An array of one column's values in PostgreSQL's binary form (`array_send`): five numbers of 32 bits, then each value
/// with its length before it.
struct PostgreSQLArray {
  private var values: [UInt8] = []
  private var count: Int32 = 0
  private var hasNulls = false

  mutating func appendNull() {
    count += 1
    hasNulls = true
    Self.append(Int32(-1), to: &values)
  }

  mutating func append(integer: Int64) {
    begin(bytes: 8)
    Self.append(integer, to: &values)
  }

  mutating func append(bool: Bool) {
    begin(bytes: 1)
    values.append(bool ? 1 : 0)
  }

  /// Already in the binary form.
  mutating func append(bytes: some Collection<UInt8>) {
    begin(bytes: bytes.count)
    values.append(contentsOf: bytes)
  }

  /// UTF-8. PostgreSQL's text has no U+0000: U+FFFD stands for it.
  mutating func append(text: String) {
    guard text.utf8.contains(0) else { return append(bytes: text.utf8) }
    append(
      bytes: text.split(separator: "\0", omittingEmptySubsequences: false)
        .joined(separator: "\u{FFFD}").utf8)
  }

  /// `jsonb` in binary form is its version and its text.
  mutating func append(json: [UInt8]) {
    begin(bytes: json.count + 1)
    values.append(1)
    values.append(contentsOf: json)
  }

  /// Microseconds since 2000.
  mutating func append(timestampMilliseconds milliseconds: Int64) {
    append(integer: (milliseconds - 946_684_800_000) * 1000)
  }

  func encoded(_ type: PostgreSQLType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count + 20)
    // Dimensions, whether there are nulls, the type; then of the dimension its length and its first index.
    for number in [count > 0 ? 1 : 0, hasNulls ? 1 : 0, Int32(bitPattern: type.oid)] {
      Self.append(number, to: &bytes)
    }
    if count > 0 {
      Self.append(count, to: &bytes)
      Self.append(Int32(1), to: &bytes)
    }
    return bytes + values
  }

  private mutating func begin(bytes: Int) {
    count += 1
    Self.append(Int32(bytes), to: &values)
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}

/// The types of the table's columns, with the numbers that PostgreSQL's catalogue (`pg_type.dat`) has for them.
enum PostgreSQLType: String {
  case uuid, text, bigint, boolean, timestamptz, jsonb

  var oid: UInt32 {
    switch self {
    case .boolean: 16
    case .bigint: 20
    case .text: 25
    case .timestamptz: 1184
    case .uuid: 2950
    case .jsonb: 3802
    }
  }
}
