import ArgumentParser
import Notice
import Spool
import SystemCalls

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Deliver records of the spool and its archive to one destination once more.",
    discussion: """
      Without any choice: all of them. A sender that runs begins within a second; otherwise the next one does.
      """)

  @OptionGroup var options: SpoolOptions
  @Option(name: .customLong("to-destination"), help: "The destination's name.")
  var destination: String
  @OptionGroup var selection: SelectionOptions
  @Flag(help: "Only count them.") var dryRun = false

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    try KnownDestinations(directory, system).require(destination)
    let replay = Replay(selection: try selection.selection())
    let outcome = try replay.run(
      to: destination, in: directory, isDry: dryRun, system)
    let what = dryRun ? "would be requeued" : "requeued"
    print("\(outcome.count) \(outcome.count == 1 ? "record" : "records") \(what)")
    for fault in outcome.damaged { print("not to its end: \(OneLine.shown(fault))") }
    guard outcome.missing.isEmpty else {
      throw SettingsError(
        "not in the spool or its archive: \(outcome.missing.sorted().joined(separator: ", "))")
    }
  }
}
