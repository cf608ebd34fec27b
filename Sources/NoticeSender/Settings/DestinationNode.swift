import Delivery
import Destinations
import Notice

/// One destination of a settings file. Which keys it may have depends on what it is: `url` or `url_file` says where it
/// is, `command` what is to be run.
struct DestinationNode {
  let name: String
  let node: SettingsNode

  private static let placeKeys = ["url", "url_file", "command"]
  private static let commonKeys = ["order", "only", "except", "suppress_duplicates"]

  init(_ name: String, _ node: SettingsNode) {
    self.name = name
    self.node = node
  }

  func settings() throws(SettingsError) -> DestinationSettings {
    guard node.isMapping else { throw node.error("expected a mapping (key: value)") }
    let places = Self.placeKeys.compactMap(node.member)
    guard let place = places.first else {
      throw node.error("expected url, url_file or command: \(DestinationURL.rule)")
    }
    guard places.count == 1 else {
      throw places[1].error("a destination has only one of url, url_file and command")
    }
    if node.member("command") != nil { return try exec() }
    let isInFile = node.member("url") == nil
    let text = isInFile ? try place.fileContent() : try place.string()
    let url: DestinationURL
    do throws(SettingsError) {
      url = try DestinationURL(text)
    } catch {
      // What a file of its own holds is a secret, and is not shown.
      throw place.error(
        isInFile ? "the file holds no destination: \(DestinationURL.rule)" : error.description)
    }
    switch url.scheme {
    case .sqlite(let path):
      return try read(.sqlite(path), keys: []) { (_) throws(SettingsError) in }
    case .file(let directory): return try file(directory)
    case .http: return try http(url)
    case .postgreSQL(let connection): return try postgreSQL(connection)
    case .kafka(let brokers, let topic): return try kafka(brokers, topic)
    }
  }

  /// Reads what every destination may have; `each` gets what only this one has, by one of `keys`.
  func read(
    _ kind: DestinationSettings.Kind, keys: [String],
    _ each: (SettingsNode.Member) throws(SettingsError) -> Void
  ) throws(SettingsError) -> DestinationSettings {
    var settings = DestinationSettings(name: name, kind: kind)
    let known = Self.placeKeys + Self.commonKeys + keys
    try node.forEachMember(known: known) { (member) throws(SettingsError) in
      switch member.key {
      case "url", "url_file": break
      case "order": settings.order = try member.value.choice(DeliveryOrder.self)
      case "only": settings.filter.only = try FilterNode(member.value).patterns()
      case "except": settings.filter.except = try FilterNode(member.value).patterns()
      case "suppress_duplicates": settings.suppressesDuplicates = try member.value.flag()
      default: try each(member)
      }
    }
    return settings
  }

  private func file(_ directory: String) throws(SettingsError) -> DestinationSettings {
    var file = FileSettings(directory: directory)
    var settings = try read(
      .file(file), keys: ["rotate", "body"]
    ) { (member) throws(SettingsError) in
      switch member.key {
      case "rotate": file.rotation = try member.value.choice(FileSettings.Rotation.self)
      default: file.body = try member.value.choice(BodyForm.self)
      }
    }
    settings.kind = .file(file)
    return settings
  }

  private func exec() throws(SettingsError) -> DestinationSettings {
    var exec = ExecSettings(command: .shell(""), name: name, environment: node.environment)
    var settings = try read(
      .exec(exec), keys: ["body", "records", "timeout"]
    ) { (member) throws(SettingsError) in
      switch member.key {
      case "command": exec.command = try Self.command(member.value)
      case "body": exec.body = try member.value.choice(BodyForm.self)
      case "records": exec.recordsMax = try member.value.integer(in: ExecSettings.recordsRange)
      default: exec.timeoutSeconds = try member.value.integer(in: ExecSettings.timeoutRange)
      }
    }
    do throws(ExecSettingsError) {
      try exec.validate()
    } catch {
      throw node.error(error.description)
    }
    settings.kind = .exec(exec)
    return settings
  }

  /// A list is a program and its arguments, a text a line for the shell.
  private static func command(
    _ node: SettingsNode
  ) throws(SettingsError) -> ExecSettings.Command {
    guard node.isList else { return .shell(try node.string()) }
    let words = try node.entries.map { (entry) throws(SettingsError) in try entry.string() }
    guard let program = words.first else { throw node.error("expected a program") }
    return .program(program, arguments: Array(words.dropFirst()))
  }
}
