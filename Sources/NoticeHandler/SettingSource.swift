/// Where the values of settings come from: the command line, and where it says nothing, the environment.
struct SettingSource {
  let arguments: [Setting: [String]]
  let environment: (String) -> String?

  /// What was given for a setting, and the name under which it was given.
  struct Given {
    let setting: Setting
    let origin: String
    let values: [String]

    /// The value of a setting that is given once.
    var text: String { values.last ?? "" }

    func wrong(_ reason: String? = nil) -> SettingsError {
      SettingsError(setting, from: origin, value: text, because: reason)
    }
  }

  func given(_ setting: Setting) -> Given? {
    if let values = arguments[setting] {
      return Given(setting: setting, origin: setting.option, values: values)
    }
    return environment(setting.variable).map {
      Given(setting: setting, origin: setting.variable, values: [$0])
    }
  }

  /// The value as `parse` reads it, `fallback` where none was given; an error where `parse` returns nil.
  func value<Value>(
    _ setting: Setting, or fallback: Value, _ parse: (String) -> Value?
  ) throws(SettingsError) -> Value {
    guard let given = given(setting) else { return fallback }
    guard let value = parse(given.text) else { throw given.wrong() }
    return value
  }

  func number(
    _ setting: Setting, or fallback: Int, in range: ClosedRange<Int>,
    _ parse: (String) -> Int? = { Int($0) }
  ) throws(SettingsError) -> Int {
    try value(setting, or: fallback) { text in
      parse(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// All secrets given for a setting. One that is given and holds none is an error: an empty variable must not
  /// open the door to everybody.
  func secrets(_ setting: Setting) throws(SettingsError) -> [String] {
    guard let given = given(setting) else { return [] }
    var all: [String] = []
    for value in given.values {
      guard let secrets = Self.secrets(in: value) else { throw given.wrong() }
      all += secrets
    }
    return all
  }

  /// The secrets in a text; nil where there are none or one is too long.
  static func secrets(in text: String) -> [String]? {
    let secrets = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    let fits = secrets.allSatisfy { $0.utf8.count <= SecretSet.bytesMax }
    return secrets.isEmpty || !fits ? nil : secrets
  }
}
