import Delivery

/// Keeps records in the table `notices` of a SQLite database, each once. All attempts that wait are one transaction, and
/// `.delivered` means that it survives a power cut. The database is opened when it is needed, and again after an
/// error.
package final class SQLiteDestination: Destination {
  /// Attempts that share a transaction.
  package let capacity = 1000

  private let path: String
  private let busyMilliseconds: Int
  private let pagesMax: Int?
  private(set) var open: (connection: SQLiteConnection, insertion: SQLiteStatement)?
  private var pending: [DeliveryAttempt] = []

  package convenience init(path: String) {
    self.init(path: path, busyMilliseconds: 5000)
  }

  /// `busyMilliseconds`: how long another program's lock is waited for. `pagesMax`: where the database counts as full,
  /// besides the disk.
  init(path: String, busyMilliseconds: Int, pagesMax: Int? = nil) {
    self.path = path
    self.busyMilliseconds = busyMilliseconds
    self.pagesMax = pagesMax
  }

  package func begin(_ attempt: DeliveryAttempt) {
    pending.append(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    guard !pending.isEmpty else {
      Sleep.wait(milliseconds: milliseconds, readable: wakeUps)
      return
    }
    defer { pending.removeAll(keepingCapacity: true) }
    do throws(SQLiteError) {
      let refused = try deliver()
      reports += pending.lazy.map { attempt in
        DeliveryReport(attempt, refused[attempt.ticket].map { .refused(reason: $0) } ?? .delivered)
      }
    } catch {
      // Closing takes back what was not committed.
      open = nil
      let outcome = DeliveryOutcome.failed(reason: "\(path): \(error)")
      reports += pending.lazy.map { DeliveryReport($0, outcome) }
    }
  }

  /// Commits all that the table takes; returns why it does not take the others, by ticket.
  private func deliver() throws(SQLiteError) -> [Int: String] {
    let (connection, insertion) = try opened()
    var refused: [Int: String] = [:]
    repeat {
      try connection.execute("BEGIN IMMEDIATE")
      for attempt in pending where refused[attempt.ticket] == nil {
        do throws(SQLiteError) {
          try insertion.run(NoticeTable.row(attempt.record))
        } catch  where error.isOfRow {
          refused[attempt.ticket] = "\(error)"
        }
      }
      // A rule of the user's own can undo the other rows with the one: then all those once more.
    } while !connection.isInTransaction
    try connection.execute("COMMIT")
    return refused
  }

  private func opened() throws(SQLiteError) -> (SQLiteConnection, SQLiteStatement) {
    if let open { return open }
    let connection = try SQLiteConnection(path: path, busyMilliseconds: busyMilliseconds)
    try connection.execute("PRAGMA journal_mode = WAL")
    // In WAL mode only FULL syncs at each commit.
    try connection.execute("PRAGMA synchronous = FULL")
    if let pagesMax { try connection.execute("PRAGMA max_page_count = \(pagesMax)") }
    let version = try connection.integer("PRAGMA user_version")
    guard version <= NoticeTable.version else {
      throw SQLiteError(
        code: 0,
        message: "its user_version is \(version), made by a later version of this program "
          + "or for another purpose; this one knows \(NoticeTable.version)")
    }
    if version < NoticeTable.version {
      try connection.execute("BEGIN IMMEDIATE; \(NoticeTable.creation) COMMIT")
    }
    let insertion = try connection.prepare(NoticeTable.insertion)
    open = (connection, insertion)
    return (connection, insertion)
  }
}
