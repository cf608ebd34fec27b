import CSQLite
import Glibc

/// An open database. Used by one thread; closed when it is let go of.
@safe final class SQLiteConnection {
  private let database: OpaquePointer

  /// The file gets its mode when it is made: what is in it is personal. SQLite gives its journals the same mode.
  static let fileMode: UInt32 = 0o640

  init(path: String, busyMilliseconds: Int) throws(SQLiteError) {
    // A name of SQLite's own, like ":memory:", is a file's name here.
    let path = path.hasPrefix("/") ? path : "./\(path)"
    try Self.create(path)
    var database: OpaquePointer?
    let result = unsafe sqlite3_open_v2(
      path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard let opened = unsafe database else {
      throw SQLiteError(code: result, message: unsafe String(cString: sqlite3_errstr(result)))
    }
    unsafe self.database = unsafe opened
    try check(result)
    unsafe sqlite3_busy_timeout(opened, Int32(clamping: busyMilliseconds))
  }

  deinit { unsafe sqlite3_close_v2(database) }

  /// Only a file that is not there is opened by anybody but SQLite: closing any descriptor of a database drops all
  /// locks that the process has on it (fcntl(2)).
  private static func create(_ path: String) throws(SQLiteError) {
    let file = unsafe open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, fileMode)
    if file >= 0 {
      close(file)
    } else if errno != EEXIST {
      throw SQLiteError(code: SQLITE_CANTOPEN, message: unsafe String(cString: strerror(errno)))
    }
  }

  /// Whether a transaction is open. SQLite ends one by itself after some errors.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(database) == 0 }

  func execute(_ sql: String) throws(SQLiteError) {
    try check(unsafe sqlite3_exec(database, sql, nil, nil, nil))
  }

  /// The first column of the first row, as a number.
  func integer(_ sql: String) throws(SQLiteError) -> Int {
    let statement = unsafe try SQLiteStatement(database, sql)
    try statement.step()
    return statement.integer
  }

  func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    unsafe try SQLiteStatement(database, sql)
  }

  private func check(_ result: Int32) throws(SQLiteError) {
    guard result == SQLITE_OK else { throw unsafe SQLiteError(of: database) }
  }
}

extension SQLiteError {
  /// The last call's failure.
  init(of database: OpaquePointer) {
    self.init(
      code: unsafe sqlite3_extended_errcode(database),
      message: unsafe String(cString: sqlite3_errmsg(database)))
  }
}
