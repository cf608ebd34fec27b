import Yams

/// A value in a settings file that knows where it stands, so that an error names file and line.
struct SettingsNode {
  let file: String
  /// "destinations.crm.url"
  let key: String
  private let node: Node
  private let environment: [String: String]

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
      throw SettingsError("\(file): \(error)")
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
    return SettingsError(key.isEmpty ? "\(place): \(reason)" : "\(place): \(key): \(reason)")
  }

  /// The members, none of which may have a key other than `known`; nil: any key.
  func members(known: [String]?) throws(SettingsError) -> [(key: String, value: SettingsNode)] {
    guard case .mapping(let mapping) = node else {
      throw error("expected a mapping (key: value)")
    }
    var members: [(key: String, value: SettingsNode)] = []
    for (keyNode, value) in mapping {
      guard let name = keyNode.string else { throw error("a key is no text") }
      let path = key.isEmpty ? name : "\(key).\(name)"
      let at = SettingsNode(keyNode, key: path, in: self)
      if let known, !known.contains(name) {
        let nearest = known.min { Self.distance(name, $0) < Self.distance(name, $1) }
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        throw at.error("unknown key\(hint)")
      }
      if members.contains(where: { $0.key == name }) { throw at.error("given twice") }
      members.append((name, SettingsNode(value, key: path, in: self)))
    }
    return members
  }

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
          throw error("the environment has no \(name)")
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

  /// One of an enumeration's names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type
  ) throws(SettingsError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: try string()) else {
      throw error("expected one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// How many letters have to be changed, left out or put in (Levenshtein).
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in 1..<row.count {
        let change = diagonal + (letter == right[column - 1] ? 0 : 1)
        diagonal = row[column]
        row[column] = min(change, row[column] + 1, row[column - 1] + 1)
      }
    }
    return row[right.count]
  }
}
