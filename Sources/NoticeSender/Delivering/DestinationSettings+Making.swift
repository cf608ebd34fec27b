import Destinations
import SystemCalls

extension DestinationSettings {
  /// Opens nothing yet: what cannot be reached now is tried again.
  func makeDestination(_ system: any SystemCalls) throws -> any Destination {
    switch kind {
    case .http(let settings): try HTTPDestination(settings)
    case .sqlite(let path): SQLiteDestination(path: path)
    case .file(let settings): FileDestination(settings, system)
    case .exec(let settings): try ExecDestination(settings)
    case .postgreSQL(let settings): try PostgreSQLDestination(settings)
    case .kafka(let settings): try KafkaDestination(settings)
    }
  }
}
