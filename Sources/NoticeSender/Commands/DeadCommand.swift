import ArgumentParser
import JSONText
import Notice
import Spool
import SystemCalls

struct DeadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead",
    abstract: "Look at messages that were given up, and decide what becomes of them.",
    discussion: "Works while a sender runs.",
    subcommands: [
      DeadListCommand.self, DeadShowCommand.self, DeadRequeueCommand.self, DeadDropCommand.self,
    ])
}

struct DeadListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List dead letters, oldest first.")

  @OptionGroup var options: SpoolOptions
  @Flag(help: "One JSON object a line.") var json = false
  @Argument(help: "Of this destination only.") var destination: String?

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    let known = try KnownDestinations(directory, system)
    if let destination { try known.require(destination) }
    var table = TextTable([
      ("DESTINATION", false), ("TIME", false), ("ID", false), ("ATTEMPTS", true), ("STATUS", true),
      ("REASON", false),
    ])
    var count = 0
    for name in destination.map({ [$0] }) ?? known.names {
      try DeadLetters(name, directory, system).read { letter, _ in
        count += 1
        if json {
          print(Self.object(letter, name))
        } else {
          table.add([
            name, letter.time, letter.record.id, letter.attempts.map(String.init) ?? "",
            letter.status.map(String.init) ?? "", letter.reason ?? "",
          ])
        }
      }
    }
    if !json {
      print(count == 0 ? "no dead letters" : table.text, terminator: count == 0 ? "\n" : "")
    }
  }

  private static func object(_ letter: Letter, _ destination: String) -> String {
    var object = JSONObjectWriter()
    object.member("destination", string: destination)
    object.member("time", string: letter.time)
    object.member("id", string: letter.record.id)
    object.member("attempts", number: letter.attempts)
    object.member("status", number: letter.status)
    object.member("reason", string: letter.reason)
    return String(decoding: object.bytes, as: UTF8.self)
  }
}

struct DeadShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show dead letters whole, one JSON object a line.")

  @OptionGroup var options: SpoolOptions
  @Argument(help: "The ids of records.") var ids: [String]

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    var missing = Set(ids)
    let wanted = missing
    for name in try KnownDestinations(directory, system).names {
      try DeadLetters(name, directory, system).read { letter, line in
        guard wanted.contains(letter.record.id) else { return }
        missing.remove(letter.record.id)
        print(String(decoding: JSONString.escapingControls(line), as: UTF8.self))
      }
    }
    guard missing.isEmpty else {
      throw SettingsError("no dead letter has the id \(missing.sorted().joined(separator: ", "))")
    }
  }
}

/// Which dead letters of which destination.
struct DeadSelection: ParsableArguments {
  @OptionGroup var options: SpoolOptions
  @Argument(help: "The destination.") var destination: String
  @Flag(help: "All of its dead letters.") var all = false
  @Argument(help: "The ids of records.") var ids: [String] = []

  func validate() throws {
    guard all != !ids.isEmpty else { throw ValidationError("give either --all or ids") }
  }

  /// Does it, and says what was done; ids that are not there are an error, after the others are done.
  func carryOut(
    _ done: String, _ action: (DeadLetters, DeadLetters.Selection) throws -> Int
  ) throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    try KnownDestinations(directory, system).require(destination)
    let letters = DeadLetters(destination, directory, system)
    var missing = Set(ids)
    if !all { try letters.read { letter, _ in missing.remove(letter.record.id) } }
    let count = try action(letters, all ? .all : .ids(Set(ids)))
    print("\(count) \(count == 1 ? "letter" : "letters") \(done)")
    guard missing.isEmpty else {
      throw SettingsError(
        "no dead letter of \(destination) has the id \(missing.sorted().joined(separator: ", "))")
    }
  }
}

struct DeadRequeueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requeue",
    abstract: "Deliver dead letters after all: new attempts with the same webhook-id.",
    discussion: "A sender that runs begins within a second; otherwise the next one does.")

  @OptionGroup var selection: DeadSelection

  func run() throws {
    try selection.carryOut("requeued") { try $0.requeue($1) }
  }
}

struct DeadDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Give dead letters up for good; they are kept in dead/dropped/.")

  @OptionGroup var selection: DeadSelection

  func run() throws {
    try selection.carryOut("dropped; kept in dead/dropped/\(selection.destination).ndjson") {
      try $0.drop($1)
    }
  }
}
