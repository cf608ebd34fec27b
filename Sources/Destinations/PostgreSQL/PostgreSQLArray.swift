/// An array of one column's values in PostgreSQL's binary form (`array_send`): five numbers of 32 bits, then each value
/// with its length before it.
struct PostgreSQLArray {
  private var values: [UInt8] = []
  private var count: Int32 = 0
  private var hasNulls = false

  mutating func append(_ value: PostgreSQLValue) {
    count += 1
    switch value {
    case .null:
      hasNulls = true
      append(Int32(-1))
    case .uuid(let text): append(field: PostgreSQLTable.uuid(text) ?? [])
    case .integer(let number):
      append(Int32(8))
      append(number)
    case .bool(let isTrue): append(field: [isTrue ? 1 : 0])
    case .timestamp(let milliseconds):
      append(Int32(8))
      // Microseconds since 2000.
      append((milliseconds - 946_684_800_000) * 1000)
    case .text(let text): append(field: text.withoutNulls.utf8)
    case .bytes(let bytes): append(field: bytes)
    case .json(let bytes):
      // `jsonb` in binary form is its version and its text.
      append(Int32(bytes.count + 1))
      values.append(1)
      values += bytes
    }
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

  private mutating func append(field: some Collection<UInt8>) {
    append(Int32(field.count))
    values += field
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    Self.append(number, to: &values)
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
