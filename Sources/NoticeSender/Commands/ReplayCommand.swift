import ArgumentParser
import Notice
import Spool
import SystemCalls

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Deliver records of the spool and its archive to one destination once more.",
    discussion: """
      Without --since, --until, --chat and --id: all of them. Times are RFC 3339 (2026-11-22T06:48:32Z) or how long \
      ago (90s, 15m, 2h, 3d). A sender that runs begins within a second; otherwise the next one does.
      """)

  @OptionGroup var options: SpoolOptions
  @Option(name: .customLong("to-destination"), help: "The destination's name.")
  var destination: String
  @Option(help: "Received at this time or later.") var since: PointInTime?
  @Option(help: "Received before this time.") var until: PointInTime?
  @Option(help: "Of this chat (chatId).") var chat: String?
  @Option(name: .customLong("id"), parsing: .upToNextOption, help: "The ids of records.")
  var ids: [String] = []
  @Flag(help: "Only count them.") var dryRun = false

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    try KnownDestinations(directory, system).require(destination)
    let replay = Replay(
      since: since?.timestamp, until: until?.timestamp, chat: chat, ids: Set(ids))
    let outcome = try replay.run(
      to: destination, in: directory, isDry: dryRun, system)
    let what = dryRun ? "would be requeued" : "requeued"
    print("\(outcome.count) \(outcome.count == 1 ? "record" : "records") \(what)")
    guard outcome.missing.isEmpty else {
      throw SettingsError(
        "not in the spool or its archive: \(outcome.missing.sorted().joined(separator: ", "))")
    }
  }
}
