import Destinations
import SystemCalls

extension DestinationSettings {
  /// Opens nothing yet: what cannot be reached now is tried again.
  func makeDestination(_ system: any SystemCalls) throws -> any Destination {
    switch kind {
    case .http(let settings):
      // As many again wait to be sent, so that a connection does not stand idle while the accounts are kept.
      try DestinationThread(running: HTTPDestination(settings), named: name, ahead: 2)
    case .sqlite(let path):
      try DestinationThread(running: SQLiteDestination(path: path), named: name, ahead: 2)
    case .file(let settings): FileDestination(settings, system)
    case .exec(let settings): try ExecDestination(settings)
    case .postgreSQL(let settings):
      try DestinationThread(running: PostgreSQLDestination(settings), named: name)
    case .kafka(let settings):
      try DestinationThread(running: KafkaDestination(settings), named: name)
    }
  }
}
