/// An array of one column's values in PostgreSQL's binary form (`array_send`): five numbers of 32 bits, then the values.
struct PostgreSQLArray {
  private var values = PostgreSQLBinary(capacity: 0)
  private var count: Int32 = 0
  private var hasNulls = false

  /// `line` is the record's.
  mutating func append(_ value: PostgreSQLValue, of line: [UInt8]) {
    count += 1
    if case .null = value { hasNulls = true }
    values.append(value, of: line)
  }

  func encoded(_ type: PostgreSQLType) -> [UInt8] {
    var head = PostgreSQLBinary(capacity: 20 + values.bytes.count)
    // Dimensions, whether there are nulls, the type; then of the dimension its length and its first index.
    for number in [count > 0 ? 1 : 0, hasNulls ? 1 : 0, Int32(bitPattern: type.oid)] {
      head.append(number)
    }
    if count > 0 {
      head.append(count)
      head.append(Int32(1))
    }
    return head.bytes + values.bytes
  }
}
