import JSONText
import Notice

/// The table: one row a record, as in SQLite's (``NoticeTable``), with PostgreSQL's types. The whole line stands in `record`, as
/// `jsonb`; where `jsonb` does not take it, in `record_text`, as it came. Of what `jsonb` takes, the numbers keep all their
/// digits, and of a key that is there twice the last stays.
struct PostgreSQLTable {
  /// What of a record a row has.
  enum Form {
    /// All.
    case whole
    /// What can hardly be refused: the columns that may be NULL are, and the line is text.
    case bare
  }

  private struct Row {
    let record: NoticeRecord
    /// Its line.
    let line: [UInt8]
    let form: Form
    /// Whether its line stands in `record`.
    let isJSONB: Bool

    init(_ record: NoticeRecord, _ form: Form) {
      self.record = record
      self.form = form
      let line = record.line
      self.line = line
      isJSONB = form == .whole && JSONBText.takes(line.span)
    }
  }

  private struct Column: Sendable {
    let name: String
    let type: PostgreSQLType
    var rule = ""
    let value: @Sendable (Row) -> PostgreSQLValue

    var definition: String { "\(name) \(type.rawValue)\(rule)" }
    var attribute: String { "('\(name)', '\(type.oid)')" }
  }

  /// Quoted, with its schema where it was given one.
  private let table: String
  /// The name alone, not quoted.
  private let base: String

  /// PostgreSQL cuts names longer than 63 bytes, and the indexes' names are longer than the table's.
  private static let nameBytesMax = 50

  init(_ name: String) throws(PostgreSQLSettingsError) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ part in
        (1...Self.nameBytesMax).contains(part.utf8.count)
          && part.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "_-0123456789".unicodeScalars.contains($0)
          }
      })
    else {
      throw PostgreSQLSettingsError(
        "table '\(name)': expected NAME or SCHEMA.NAME, each of at most \(Self.nameBytesMax) "
          + "letters, digits, dashes and underscores")
    }
    table = parts.map { "\"\($0)\"" }.joined(separator: ".")
    base = parts[parts.count - 1]
  }

  // MARK: Statements

  /// One statement, so that it is one transaction. Of several senders that begin at once, one makes the table.
  var creation: String {
    """
    DO $notice$ BEGIN
      PERFORM pg_advisory_xact_lock(\(Self.lockNumber));
      IF to_regclass('\(table)') IS NULL THEN
        CREATE TABLE \(table)(
          \(Self.columns.map(\.definition).joined(separator: ",\n      "))
        );
        CREATE INDEX "\(base)_by_chat" ON \(table)(chat_id, sent_at);
        CREATE INDEX "\(base)_by_arrival" ON \(table)(received_at);
      END IF;
    END $notice$
    """
  }

  /// Any number that nobody else takes.
  private static let lockNumber = 0x6E6F_7469_6365

  /// Whether ``copy`` does what an insertion does: not for views, not where row-level security applies to this user, and not
  /// where a column has another type, to which an insertion converts.
  var copyability: String {
    """
    SELECT relkind IN ('r', 'p') AND NOT row_security_active(oid) AND
      (SELECT count(*) FROM pg_attribute WHERE attrelid = pg_class.oid AND
        (attname::text, atttypid::text) IN (\(Self.columns.map(\.attribute).joined(separator: ", "))))
      = \(Self.columns.count)
    FROM pg_class WHERE oid = to_regclass('\(table)')
    """
  }

  /// Fails with a `unique_violation` where a row is there already. It costs the server half as much as an insertion.
  var copy: String { "COPY \(table)(\(Self.names)) FROM STDIN (FORMAT binary)" }

  /// Fails with a `unique_violation` where a row is there already.
  var insertion: String {
    // In the list of what is selected, the arrays go through no table in between.
    let arrays = Self.columns.enumerated()
      .map { "unnest($\($0 + 1)::\($1.type.rawValue)[])" }.joined(separator: ", ")
    return "INSERT INTO \(table)(\(Self.names)) SELECT \(arrays)"
  }

  /// Leaves rows that are there as they are.
  var insertionOfNew: String { insertion + " ON CONFLICT (id) DO NOTHING" }

  private static let names = columns.map(\.name).joined(separator: ", ")

  /// Changes nothing, and fails where an insertion would: columns, their types, the unique key, permissions.
  var probe: PostgreSQLCommand {
    PostgreSQLCommand(
      sql: "EXPLAIN " + insertionOfNew, parameters: Self.columns.map { _ in nil })
  }

  // MARK: Rows

  /// The parameters of an insertion; none of the records may have an id that is no UUID.
  static func parameters(_ records: some Sequence<NoticeRecord>, _ form: Form) -> [[UInt8]?] {
    var arrays = columns.map { _ in PostgreSQLArray() }
    for record in records {
      let row = Row(record, form)
      for index in columns.indices {
        arrays[index].append(columns[index].value(row), of: row.line)
      }
    }
    return zip(arrays, columns).map { $0.encoded($1.type) }
  }

  /// What follows ``copy``; none of the records may have an id that is no UUID.
  static func rows(_ records: some Collection<NoticeRecord>, _ form: Form) -> [UInt8] {
    var rows = PostgreSQLCopy(
      records: records.count, bytes: records.reduce(0) { $0 + $1.line.count })
    for record in records {
      let row = Row(record, form)
      rows.beginRow(fields: columns.count)
      for index in columns.indices { rows.append(columns[index].value(row), of: row.line) }
    }
    return rows.end()
  }

  /// The record's id as the number that a UUID is; nil where it is none.
  static func uuid(of record: NoticeRecord) -> UInt128? {
    guard let range = record.range(of: .id) else { return nil }
    let line = record.line
    let text = line.span.extracting(range.lowerBound + 1..<range.upperBound - 1)
    var (high, low): (UInt64, UInt64) = (0, 0)
    var digits = 0
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: "-") { continue }
      let digit = byte &- UInt8(ascii: "0")
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      guard digit < 10 || letter < 6 else { return nil }
      high = high &<< 4 | low &>> 60
      low = low &<< 4 | UInt64(truncatingIfNeeded: digit < 10 ? digit : letter &+ 10)
      digits &+= 1
    }
    return digits == 32 ? UInt128(high) << 64 | UInt128(low) : nil
  }

  private static let columns: [Column] = [
    Column(name: "id", type: .uuid, rule: " PRIMARY KEY") { row in
      uuid(of: row.record).map { .uuid($0) } ?? .null
    },
    Column(name: "received_at", type: .timestamptz, rule: " NOT NULL") { row in
      .timestamp(milliseconds: row.record.receivedAt?.milliseconds ?? 0)
    },
    Column(name: "kind", type: .text, rule: " NOT NULL") { row in
      .text(row.record.kind.rawValue)
    },
    text("message_id", .messageId), text("chat_id", .chatId), text("room_id", .roomId),
    text("room_topic", .roomTopic), text("contact_id", .contactId),
    text("contact_name", .contactName), text("bot_id", .botId),
    integer("type", .type),
    optional("type_name", .text) { row in
      guard let number = row.record.integer(.type) else {
        return text(row, row.record.range(of: .type))
      }
      return MessageType(rawValue: Int(number)).map { .text($0.name) } ?? .null
    },
    optional("sent_at", .timestamptz) { row in
      guard let time = row.record.sentAt?.milliseconds, timestampRange.contains(time) else {
        return .null
      }
      return .timestamp(milliseconds: time)
    },
    bool("is_self", .isSelf), bool("mention_self", .mentionSelf),
    integer("source", .source),
    optional("text", .text) { row in text(row, row.record.messageTextRange) },
    Column(name: "record", type: .jsonb) { $0.isJSONB ? .json : .null },
    Column(name: "record_text", type: .text) { row in
      row.isJSONB ? .null : .part(row.line.indices)
    },
  ]

  /// The years 1 to 9999.
  private static let timestampRange: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  /// A column that a bare row has not.
  private static func optional(
    _ name: String, _ type: PostgreSQLType,
    _ value: @escaping @Sendable (Row) -> PostgreSQLValue
  ) -> Column {
    Column(name: name, type: type) { $0.form == .bare ? .null : value($0) }
  }

  private static func text(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .text) { row in text(row, row.record.range(of: field)) }
  }

  /// What a string means, and any other token as it stands; NULL for the empty string.
  private static func text(_ row: Row, _ token: Range<Int>?) -> PostgreSQLValue {
    guard let token else { return .null }
    if let range = row.record.plainRange(ofToken: token) { return .part(range) }
    return JSONString.text(row.line[token]).flatMap { $0.isEmpty ? nil : .text($0) } ?? .null
  }

  /// NULL where the field is no whole number.
  private static func integer(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .bigint) { row in row.record.integer(field).map { .integer($0) } ?? .null }
  }

  /// `true`, `false`, 1 or 0; else NULL.
  private static func bool(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .boolean) { row in
      switch row.record.value(field) {
      case "true", "1": .bool(true)
      case "false", "0": .bool(false)
      default: .null
      }
    }
  }
}
