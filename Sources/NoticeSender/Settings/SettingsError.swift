/// A setting that is wrong, said so that it can be mended: where it stands, what is wrong, what is right.
struct SettingsError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
