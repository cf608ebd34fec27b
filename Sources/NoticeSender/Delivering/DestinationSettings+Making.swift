import Destinations

extension DestinationSettings {
  /// Opens nothing yet: what cannot be reached now is tried again.
  func makeDestination() throws -> any Destination {
    switch kind {
    case .http(let settings): try HTTPDestination(settings)
    case .sqlite(let path): SQLiteDestination(path: path)
    }
  }
}
