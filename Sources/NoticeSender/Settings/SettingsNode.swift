import Notice
import Yams

/// A value in a settings file that knows where it stands, so that an error names file and line.
struct SettingsNode {
  let file: String
  /// "destinations.crm.url"
  let key: String
  private let node: Node
  let environment: [String: String]

  init(parsing text: String, file: String, environment: [String: String]) throws(SettingsError) {
    self.file = file
    self.environment = environment
    key = ""
    do {
      guard let root = try Yams.compose(yaml: text) else {
        throw SettingsError("\(file): the file is empty")
      }
      node = root
    } catch let error as SettingsError {
      throw error
    } catch {
      throw SettingsError("\(file)\(Self.shown(error))")
    }
  }

  /// Where and what is wrong; the library's own words go on with the lines themselves, which may hold secrets.
  private static func shown(_ error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      ":\(mark.line): \(problem)"
    case YamlError.reader(let problem, _, _, _): ": \(problem)"
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      ":\(context.mark.line): given twice: \(keys.joined(separator: ", "))"
    default: ": it is no YAML"
    }
  }

  private init(_ node: Node, key: String, in parent: SettingsNode) {
    file = parent.file
    environment = parent.environment
    self.key = key
    self.node = node
  }

  func error(_ reason: String) -> SettingsError {
    let place = node.mark.map { "\(file):\($0.line)" } ?? file
    let reason = withoutVariables(reason)
    return SettingsError(key.isEmpty ? "\(place): \(reason)" : "\(place): \(key): \(reason)")
  }

  /// The environment holds secrets: a value is told by the name that the settings have for it.
  private func withoutVariables(_ reason: String) -> String {
    var reason = reason
    for name in variables(in: node, depth: 0) {
      guard let value = environment[name], !value.isEmpty else { continue }
      reason = reason.replacing(value, with: "${\(name)}")
    }
    return reason
  }

  /// As deep as the settings of one destination go.
  private func variables(in node: Node, depth: Int) -> Set<String> {
    guard depth < 4 else { return [] }
    return switch node {
    case .scalar(let scalar): Set(scalar.string.matches(of: /\$\{([^}]*)\}/).map { String($0.1) })
    case .mapping(let mapping):
      mapping.reduce(into: []) { $0.formUnion(variables(in: $1.value, depth: depth + 1)) }
    case .sequence(let sequence):
      sequence.reduce(into: []) { $0.formUnion(variables(in: $1, depth: depth + 1)) }
    case .alias: []
    }
  }

  // MARK: Mappings and lists

  typealias Member = (key: String, value: SettingsNode)

  var isMapping: Bool { node.mapping != nil }

  /// Gives every member to `each`, whichever fail. None may have a key other than `known`; nil: any key.
  func forEachMember(
    known: [String]?, _ each: (Member) throws(SettingsError) -> Void
  ) throws(SettingsError) {
    guard case .mapping(let mapping) = node else {
      throw error("expected a mapping (key: value)")
    }
    var seen: Set<String> = []
    try SettingsError.collect(mapping) { (keyNode, value) throws(SettingsError) in
      guard let name = keyNode.string else { throw error("a key is no text") }
      let path = key.isEmpty ? name : "\(key).\(name)"
      let at = SettingsNode(keyNode, key: path, in: self)
      if let known, !known.contains(name) {
        throw at.error("unknown key\(NearestName.hint(name, among: known))")
      }
      guard seen.insert(name).inserted else { throw at.error("given twice") }
      try each((name, SettingsNode(value, key: path, in: self)))
    }
  }

  /// The members of a mapping by key, of which any may be there; nothing where this is no mapping.
  func member(_ name: String) -> SettingsNode? {
    guard let value = node.mapping?.first(where: { $0.key.string == name })?.value else {
      return nil
    }
    return SettingsNode(value, key: key.isEmpty ? name : "\(key).\(name)", in: self)
  }

  /// The entries of a list; a value that is no list is a list of one.
  var entries: [SettingsNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    return sequence.map { SettingsNode($0, key: key, in: self) }
  }

  var isList: Bool { node.sequence != nil }

  // MARK: Single values

  /// Text, with `${NAME}` replaced from the environment; `$$` is a dollar sign.
  func string() throws(SettingsError) -> String {
    guard case .scalar(let scalar) = node else { throw error("expected text") }
    var result = ""
    var rest = scalar.string[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.first == "{", let end = rest.firstIndex(of: "}") {
        let name = String(rest[rest.index(after: rest.startIndex)..<end])
        guard let value = environment[name] else {
          throw error(
            "the environment has no \(name): set it for the sender, or write $$ for a dollar sign")
        }
        result += value
        rest = rest[rest.index(after: end)...]
      } else {
        result += "$"
      }
    }
    return result + rest
  }

  func integer(in range: ClosedRange<Int>) throws(SettingsError) -> Int {
    guard let value = Int(try string()), range.contains(value) else {
      throw error("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func flag() throws(SettingsError) -> Bool {
    guard let value = Bool(try string()) else { throw error("expected true or false") }
    return value
  }

  /// One of an enumeration's names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type
  ) throws(SettingsError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: try string()) else {
      throw error("expected one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// A path that must not be empty.
  func path() throws(SettingsError) -> String {
    let path = try string()
    guard !path.isEmpty else { throw error("expected a path") }
    return path
  }

  /// The content of the file that this value names, without the line end: a secret kept apart from the settings.
  func fileContent() throws(SettingsError) -> String {
    let path = try path()
    do throws(SettingsError) {
      return try TextFile.readSecret(path)
    } catch {
      throw self.error(error.description)
    }
  }
}
