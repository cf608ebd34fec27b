/// Rows as `COPY … FROM STDIN (FORMAT binary)` reads them (PostgreSQL's documentation, "COPY", binary format): a head, then
/// of each row how many fields it has, and the fields, then an end. The server takes the columns' types on trust.
struct PostgreSQLCopy {
  private var values: PostgreSQLBinary

  /// With room for records of so many bytes.
  init(records: Int, bytes: Int) {
    values = PostgreSQLBinary(capacity: 32 + bytes + bytes / 4 + records * 128)
    // What tells a file of this form, then no flags and no more of a head.
    for byte in Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] { values.append(byte) }
    values.append(Int32(0))
    values.append(Int32(0))
  }

  mutating func beginRow(fields: Int) { values.append(Int16(fields)) }

  /// `line` is the record's.
  mutating func append(_ value: PostgreSQLValue, of line: [UInt8]) {
    values.append(value, of: line)
  }

  /// Nothing more is appended.
  mutating func end() -> [UInt8] {
    values.append(Int16(-1))
    return values.bytes
  }
}
