import Destinations
import SystemCalls

extension DestinationSettings {
  /// Opens nothing yet: what cannot be reached now is tried again.
  func makeDestination(_ system: any SystemCalls) throws -> any Destination {
    switch kind {
    case .http(let settings):
      // As many again wait to be sent, so that a connection does not stand idle while the accounts are kept.
      let threads = try settings.shares().map { share in
        try DestinationThread(running: HTTPDestination(share), named: name, ahead: 2)
      }
      return SideBySideDestination(threads)
    case .sqlite(let path):
      return try DestinationThread(running: SQLiteDestination(path: path), named: name, ahead: 2)
    case .file(let settings): return FileDestination(settings, system)
    case .exec(let settings): return try ExecDestination(settings)
    case .postgreSQL(let settings):
      let threads = try (0..<settings.connections).map { _ in
        try DestinationThread(running: PostgreSQLDestination(settings), named: name)
      }
      return SideBySideDestination(threads)
    // librdkafka has threads of its own.
    case .kafka(let settings): return try KafkaDestination(settings)
    }
  }
}
