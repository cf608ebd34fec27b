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

  private struct Column: Sendable {
    let name: String
    let type: PostgreSQLType
    var rule = ""
    let append: @Sendable (NoticeRecord, Form, inout PostgreSQLArray) -> Void

    var definition: String { "\(name) \(type.rawValue)\(rule)" }
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

  /// Fails with a `unique_violation` where a row is there already. Faster by half than the other.
  var insertion: String {
    let names = Self.columns.map(\.name).joined(separator: ", ")
    let arrays = Self.columns.enumerated()
      .map { "$\($0 + 1)::\($1.type.rawValue)[]" }.joined(separator: ", ")
    return "INSERT INTO \(table)(\(names)) SELECT * FROM unnest(\(arrays))"
  }

  /// Leaves rows that are there as they are.
  var insertionOfNew: String { insertion + " ON CONFLICT (id) DO NOTHING" }

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
      for index in columns.indices { columns[index].append(record, form, &arrays[index]) }
    }
    return zip(arrays, columns).map { $0.encoded($1.type) }
  }

  /// The 16 bytes of a record's id; nil where it is no UUID.
  static func key(_ record: NoticeRecord) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for byte in record.id.utf8 where byte != UInt8(ascii: "-") {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte & 15
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        digit = (byte & 15) + 9
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes.count == 16 ? bytes : nil
  }

  private static let columns: [Column] = [
    Column(name: "id", type: .uuid, rule: " PRIMARY KEY") { record, _, array in
      array.append(bytes: key(record) ?? [])
    },
    Column(name: "received_at", type: .timestamptz, rule: " NOT NULL") { record, _, array in
      let time = record.string(.receivedAt).flatMap { Timestamp(rfc3339: $0) }
      array.append(timestampMilliseconds: time?.milliseconds ?? 0)
    },
    Column(name: "kind", type: .text, rule: " NOT NULL") { record, _, array in
      array.append(text: record.kind.rawValue)
    },
    text("message_id", .messageId), text("chat_id", .chatId), text("room_id", .roomId),
    text("room_topic", .roomTopic), text("contact_id", .contactId),
    text("contact_name", .contactName), text("bot_id", .botId),
    integer("type", .type),
    optional("type_name", .text) { record, array in
      guard let type = record.value(.type) else { return array.appendNull() }
      let name = Int(type).map { MessageType(rawValue: $0)?.name ?? "" } ?? type
      if name.isEmpty { array.appendNull() } else { array.append(text: name) }
    },
    optional("sent_at", .timestamptz) { record, array in
      guard let time = record.sentAt?.milliseconds, timestampRange.contains(time) else {
        return array.appendNull()
      }
      array.append(timestampMilliseconds: time)
    },
    bool("is_self", .isSelf), bool("mention_self", .mentionSelf),
    integer("source", .source),
    optional("text", .text) { record, array in
      if let text = record.messageText { array.append(text: text) } else { array.appendNull() }
    },
    optional("record", .jsonb) { record, array in
      let line = record.line
      if JSONBText.takes(line.span) { array.append(json: line) } else { array.appendNull() }
    },
    Column(name: "record_text", type: .text) { record, form, array in
      let line = record.line
      if form == .whole, JSONBText.takes(line.span) {
        array.appendNull()
      } else {
        array.append(bytes: line)
      }
    },
  ]

  /// The years 0 to 9999.
  private static let timestampRange: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  /// A column that a bare row has not.
  private static func optional(
    _ name: String, _ type: PostgreSQLType,
    _ append: @escaping @Sendable (NoticeRecord, inout PostgreSQLArray) -> Void
  ) -> Column {
    Column(name: name, type: type) { record, form, array in
      if form == .bare { array.appendNull() } else { append(record, &array) }
    }
  }

  private static func text(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .text) { record, array in
      if let text = record.value(field) { array.append(text: text) } else { array.appendNull() }
    }
  }

  /// NULL where the field is no whole number.
  private static func integer(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .bigint) { record, array in
      if let number = record.value(field).flatMap({ Int64($0) }) {
        array.append(integer: number)
      } else {
        array.appendNull()
      }
    }
  }

  /// `true`, `false`, 1 or 0; else NULL.
  private static func bool(_ name: String, _ field: NoticeField) -> Column {
    optional(name, .boolean) { record, array in
      switch record.value(field) {
      case "true", "1": array.append(bool: true)
      case "false", "0": array.append(bool: false)
      default: array.appendNull()
      }
    }
  }
}
