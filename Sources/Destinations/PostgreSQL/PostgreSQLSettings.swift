/// How records are handed to PostgreSQL. ``PostgreSQLDestination`` checks the values when it is made.
package struct PostgreSQLSettings: Sendable, Equatable {
  /// What libpq takes: `postgres://…` or `host=… dbname=…`, TLS and all other parameters in it. May hold a secret.
  package var connection: String
  /// Takes the place of one in the connection string.
  package var password: String?
  /// With or without its schema: `notices`, `archive.notices`.
  package var table = "notices"
  /// Whether a table that is not there is made.
  package var createsTable = false
  /// Records that share a transaction.
  package var recordsMax = 500
  /// Transactions that may be at work side by side.
  package var connections = 2
  package var connectTimeoutSeconds = 10
  /// How long the server may be silent while it has something to do.
  package var timeoutSeconds = 30

  package init(connection: String) {
    self.connection = connection
  }

  package static let recordsRange = 1...2000
  package static let connectionsRange = 1...16
  package static let timeoutRange = 1...3600

  /// Checks what no type checks.
  package func validate() throws(PostgreSQLSettingsError) {
    for (name, value, range) in [
      ("batch", recordsMax, Self.recordsRange),
      ("connections", connections, Self.connectionsRange),
      ("connect_timeout", connectTimeoutSeconds, Self.timeoutRange),
      ("timeout", timeoutSeconds, Self.timeoutRange),
    ] where !range.contains(value) {
      throw PostgreSQLSettingsError(
        "\(name) \(value): must be from \(range.lowerBound) to \(range.upperBound)")
    }
    _ = try PostgreSQLTable(table)
  }
}

/// A setting by which nothing could ever be delivered.
package struct PostgreSQLSettingsError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
