import CSQLite

/// What SQLite said: its extended result code and its words.
struct SQLiteError: Error, CustomStringConvertible {
  let code: Int32
  let message: String

  /// The row is at fault and not the database: it breaks a rule of the table, or is too large for any.
  var isOfRow: Bool {
    [SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG].contains(code & 0xFF)
  }

  var description: String { message }
}
