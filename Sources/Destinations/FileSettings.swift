/// Into which files records are written.
package struct FileSettings: Sendable, Equatable {
  package enum Rotation: String, Sendable, CaseIterable {
    case hour, day
  }

  /// Made where it is missing; its parent is not.
  package var directory: String
  package var body = BodyForm.record
  /// How long one file is written to, by UTC.
  package var rotation = Rotation.hour

  package init(directory: String) {
    self.directory = directory
  }
}
