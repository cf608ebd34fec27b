/// A destination that needs a library of its own, and is there only in programs that were built with it.
package enum Engine: String, Sendable {
  case postgreSQL = "PostgreSQL"
  case kafka = "Kafka"

  package var isBuiltIn: Bool {
    switch self {
    case .postgreSQL: PostgreSQLDestination.isBuiltIn
    case .kafka: KafkaDestination.isBuiltIn
    }
  }

  /// What to tell a person where it is not.
  package var missing: String {
    "this program was built without \(rawValue): "
      + "swift build -c release --static-swift-stdlib --product notice-sender --traits \(rawValue)"
  }
}
