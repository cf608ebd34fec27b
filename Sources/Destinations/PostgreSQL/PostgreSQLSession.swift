/// A connection to a PostgreSQL server that is never waited for: its owner polls its descriptor. Commands are answered
/// in the order they were sent, each in a transaction of its own; any number may be under way.
protocol PostgreSQLSession: AnyObject {
  /// What to poll: it can change after each ``work()``. nil: nothing, call ``work()`` at once.
  var interest: (descriptor: Int32, forReading: Bool, forWriting: Bool) { get }
  /// Commands can be sent.
  var isOpen: Bool { get }

  func send(_ command: PostgreSQLCommand) throws(PostgreSQLError)

  /// Does what can be done without waiting, to be called when the descriptor is ready. Returns the answers that are complete,
  /// after their commits. Throws where there is no connection any more.
  func work() throws(PostgreSQLError) -> [PostgreSQLAnswer]
}

/// A statement and its parameters, in PostgreSQL's binary form; nil: NULL.
struct PostgreSQLCommand {
  let sql: String
  var parameters: [[UInt8]?] = []
  /// What a `COPY … FROM STDIN` reads.
  var copied: [UInt8] = []
}

/// What became of a command: the values of its first row, as text; nil: NULL.
typealias PostgreSQLAnswer = Result<[String?], PostgreSQLError>
