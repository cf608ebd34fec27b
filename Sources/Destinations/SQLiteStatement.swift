import CSQLite

/// A prepared statement. It keeps its database open as long as it lives.
@safe final class SQLiteStatement {
  private let database: OpaquePointer
  private let statement: OpaquePointer

  init(_ database: OpaquePointer, _ sql: String) throws(SQLiteError) {
    var statement: OpaquePointer?
    guard
      unsafe sqlite3_prepare_v3(
        database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
      let statement = unsafe statement
    else { throw unsafe SQLiteError(of: database) }
    unsafe self.database = unsafe database
    unsafe self.statement = unsafe statement
  }

  deinit { unsafe sqlite3_finalize(statement) }

  /// Runs the statement to its end with these values.
  func run(_ values: [SQLiteValue]) throws(SQLiteError) {
    defer { unsafe sqlite3_reset(statement) }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    try step()
  }

  /// The first column of the first row that these values give, as a number.
  func integer(_ values: [SQLiteValue]) throws(SQLiteError) -> Int {
    defer { unsafe sqlite3_reset(statement) }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    try step()
    return integer
  }

  /// Goes on to the next row, if there is one.
  func step() throws(SQLiteError) {
    let result = unsafe sqlite3_step(statement)
    guard result == SQLITE_DONE || result == SQLITE_ROW else {
      throw unsafe SQLiteError(of: database)
    }
  }

  /// The row's first column.
  var integer: Int { unsafe Int(sqlite3_column_int64(statement, 0)) }

  private func bind(_ value: SQLiteValue, at place: Int32) throws(SQLiteError) {
    let result =
      switch value {
      case .null: unsafe sqlite3_bind_null(statement, place)
      case .integer(let number): unsafe sqlite3_bind_int64(statement, place, Int64(number))
      case .text(var text): text.withUTF8 { unsafe bind($0, at: place) }
      case .bytes(let bytes): unsafe bytes.withUnsafeBufferPointer { unsafe bind($0, at: place) }
      }
    guard result == SQLITE_OK else { throw unsafe SQLiteError(of: database) }
  }

  /// By length: a NUL in a text does not end it.
  private func bind(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int32) -> Int32 {
    unsafe sqlite3_bind_text_copy(
      statement, place, UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
      UInt64(bytes.count))
  }
}
