/// Looks into a database of ``SQLiteDestination`` for one who wants to know which records it has.
package final class NoticeTableReader {
  private let connection: SQLiteConnection
  private let lookup: SQLiteStatement

  /// Throws where there is no such database, or no table of notices in it.
  package init(path: String) throws {
    connection = try SQLiteConnection(path: path, busyMilliseconds: 5000)
    lookup = try connection.prepare("SELECT count(*) FROM notices WHERE id = ?")
  }

  package func holds(id: String) throws -> Bool {
    try lookup.integer([.text(id)]) > 0
  }
}
