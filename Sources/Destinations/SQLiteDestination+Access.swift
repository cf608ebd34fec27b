extension SQLiteDestination {
  /// Why the database that is at `path` could not be written now; nil: it could. Changes nothing in it.
  package static func accessFault(path: String) -> String? {
    do throws(SQLiteError) {
      let connection = try SQLiteConnection(path: path, busyMilliseconds: 5000)
      try connection.execute("BEGIN IMMEDIATE; ROLLBACK")
      return nil
    } catch {
      return "\(error)"
    }
  }
}
