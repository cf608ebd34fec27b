/// What stands in a column of a row.
enum PostgreSQLValue {
  case null
  case uuid(UInt128)
  case integer(Int64)
  case bool(Bool)
  /// Since 1970.
  case timestamp(milliseconds: Int64)
  case text(String)
  /// A text's UTF-8, which has no U+0000, as a part of the record's line.
  case part(Range<Int>)
  /// The record's line, which ``JSONBText`` takes.
  case json
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

extension String {
  /// PostgreSQL's text has no U+0000: U+FFFD stands for it.
  var withoutNulls: String {
    guard utf8.contains(0) else { return self }
    return split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\u{FFFD}")
  }
}
