import CSQLite

/// Looks into a database by SQLite's own calls, as its user would.
enum DatabaseReader {
  struct Failure: Error {
    let message: String
  }

  /// The result's rows, each value as text.
  static func rows(_ path: String, _ sql: String) throws -> [[String: String]] {
    let database = unsafe try open(path)
    defer { unsafe sqlite3_close_v2(database) }
    var statement: OpaquePointer?
    guard unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
      throw Failure(message: unsafe String(cString: sqlite3_errmsg(database)))
    }
    defer { unsafe sqlite3_finalize(statement) }
    var rows: [[String: String]] = []
    while unsafe sqlite3_step(statement) == SQLITE_ROW {
      var row: [String: String] = [:]
      for column in 0..<(unsafe sqlite3_column_count(statement)) {
        guard let bytes = unsafe sqlite3_column_text(statement, column) else { continue }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        unsafe row[String(cString: sqlite3_column_name(statement, column))] = String(
          decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
      }
      rows.append(row)
    }
    return rows
  }

  static func execute(_ path: String, _ sql: String) throws {
    let database = unsafe try open(path)
    defer { unsafe sqlite3_close_v2(database) }
    unsafe try execute(database, sql)
  }

  /// Runs `body` while a transaction of another user holds the database.
  static func locking<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    let database = unsafe try open(path)
    defer { unsafe sqlite3_close_v2(database) }
    unsafe try execute(database, "BEGIN IMMEDIATE")
    return try body()
  }

  private static func open(_ path: String) throws -> OpaquePointer {
    var database: OpaquePointer?
    guard unsafe sqlite3_open(path, &database) == SQLITE_OK, let database = unsafe database else {
      throw Failure(message: "unable to open \(path)")
    }
    return unsafe database
  }

  private static func execute(_ database: OpaquePointer, _ sql: String) throws {
    guard unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failure(message: unsafe String(cString: sqlite3_errmsg(database)))
    }
  }
}
