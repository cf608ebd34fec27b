/// What PostgreSQL or libpq said.
struct PostgreSQLError: Error, Equatable, CustomStringConvertible {
  /// Five characters (PostgreSQL's documentation, appendix A); nil: the server said nothing, or there is no connection
  /// to it.
  let state: String?
  let message: String

  /// `message` on one line, as libpq's have several.
  init(state: String?, message: some StringProtocol) {
    self.state = state
    self.message = message.split { $0.isWhitespace || $0 == "\0" }.joined(separator: " ")
  }

  /// The record is at fault and not the server: its values, a rule of the table, a limit of one row, or what a trigger of
  /// the user's own raised.
  var isOfRecord: Bool {
    guard let state else { return false }
    return ["21", "22", "23", "44", "54", "P0"].contains(state.prefix(2))
  }

  /// A row with this key is there (unique_violation).
  var isDuplicate: Bool { state == "23505" }

  var description: String { state.map { "\(message) (\($0))" } ?? message }
}
