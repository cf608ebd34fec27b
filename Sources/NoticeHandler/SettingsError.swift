/// A setting that is wrong: which one, by the name under which it was given, its value, and what is right.
struct SettingsError: Error, Equatable, CustomStringConvertible {
  let description: String

  /// `origin` is the option or the variable; a secret's value is never shown.
  init(_ setting: Setting, from origin: String, value: String, because reason: String? = nil) {
    let shown = setting.isSecret ? origin : "\(origin) \"\(value)\""
    let reason = reason.map { "\($0); " } ?? ""
    description = "\(shown): \(reason)expected \(setting.expected)"
  }

  init(_ description: String) {
    self.description = description
  }
}
