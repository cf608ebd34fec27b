import Notice

/// What the command line asks for: `--name value` or `--name=value`, in any order.
struct Arguments: Equatable {
  enum Action: Equatable {
    case serve, check, version, help
  }

  var action = Action.serve
  var values: [Setting: [String]] = [:]

  init() {}

  /// `arguments` without the program's name.
  init(_ arguments: [String]) throws(SettingsError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--check": action = .check
      case "--version": action = .version
      case "--help", "-h": action = .help
      default: try take(argument, &rest)
      }
    }
  }

  private static let options =
    Setting.allCases.map(\.option) + ["--check", "--version", "--help"]

  private mutating func take(
    _ argument: String, _ rest: inout ArraySlice<String>
  ) throws(SettingsError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let setting = Setting.allCases.first(where: { $0.option == name }) else {
      // Without what follows the "=": it may be a key whose option is misspelt.
      let isOption = name.hasPrefix("-")
      let hint = isOption ? NearestName.hint(name, among: Self.options) : ""
      let what = isOption ? "unknown option \(name)" : "unexpected argument"
      throw SettingsError("\(what)\(hint): see --help")
    }
    guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
      throw SettingsError("\(name): no value given; expected \(setting.expected)")
    }
    if values[setting] != nil, !setting.isRepeatable {
      throw SettingsError("\(name): given twice")
    }
    values[setting, default: []].append(value)
  }
}
