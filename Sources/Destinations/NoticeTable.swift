import Notice

/// The table `notices`: one row a record. The columns that a query asks for stand by themselves, all else is in
/// `record`, the spool's line.
///
/// `id` is the key, and grows with time: a second delivery finds its row, and the key's index is only ever written
/// at its end. The table keeps a rowid, since rows of a kilobyte would make the key's tree deep.
enum NoticeTable {
  /// `PRAGMA user_version` of a database in this form.
  static let version = 1

  private struct Column: Sendable {
    let name: String
    let declaration: String
    /// nil for a column that SQLite computes.
    let value: (@Sendable (NoticeRecord) -> SQLiteValue)?

    init(
      _ name: String, _ declaration: String, _ value: (@Sendable (NoticeRecord) -> SQLiteValue)?
    ) {
      self.name = name
      self.declaration = declaration
      self.value = value
    }

    var definition: String { declaration.isEmpty ? name : "\(name) \(declaration)" }

    static func text(_ name: String, _ field: NoticeField) -> Column {
      Column(name, "TEXT") { SQLiteValue($0.value(field)) }
    }
  }

  /// A column without a declared type keeps a number as a number and a text as a text.
  private static let columns: [Column] = [
    Column("id", "TEXT PRIMARY KEY NOT NULL") { .text($0.id) },
    Column("received_at", "TEXT NOT NULL") { SQLiteValue($0.string(.receivedAt)) },
    Column("kind", "TEXT NOT NULL") { .text($0.kind.rawValue) },
    .text("message_id", .messageId),
    .text("chat_id", .chatId),
    .text("room_id", .roomId),
    .text("room_topic", .roomTopic),
    .text("contact_id", .contactId),
    .text("contact_name", .contactName),
    .text("bot_id", .botId),
    Column("type", "") { SQLiteValue(integer: $0.value(.type)) },
    Column("type_name", "TEXT") {
      SQLiteValue($0.value(.type).flatMap { Int($0) }.flatMap(MessageType.init(rawValue:))?.name)
    },
    Column("sent_at", "TEXT") { SQLiteValue($0.sentAt?.rfc3339) },
    Column("is_self", "") { SQLiteValue(bool: $0.value(.isSelf)) },
    Column("mention_self", "") { SQLiteValue(bool: $0.value(.mentionSelf)) },
    Column("source", "") { SQLiteValue(integer: $0.value(.source)) },
    Column("text", "TEXT") { SQLiteValue($0.messageText) },
    // Not stored: the record holds it.
    Column("body", "TEXT AS (json_extract(record, '$.body')) VIRTUAL", nil),
    Column("record", "TEXT NOT NULL") { .bytes($0.line) },
  ]

  /// Safe to run on a database that has the table. The first index answers "what was said in this chat", the second
  /// "what came when", and finds what is old enough to be deleted.
  static let creation = """
    CREATE TABLE IF NOT EXISTS notices(
      \(columns.map(\.definition).joined(separator: ",\n  "))
    );
    CREATE INDEX IF NOT EXISTS notices_by_chat ON notices(chat_id, sent_at);
    CREATE INDEX IF NOT EXISTS notices_by_arrival ON notices(received_at);
    PRAGMA user_version = \(version);
    """

  private static let stored = columns.filter { $0.value != nil }

  static let insertion = """
    INSERT INTO notices(\(stored.map(\.name).joined(separator: ", ")))
    VALUES (\(stored.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT(id) DO NOTHING
    """

  /// In the order of ``insertion``.
  static func row(_ record: NoticeRecord) -> [SQLiteValue] {
    stored.map { $0.value?(record) ?? .null }
  }
}
