import ArgumentParser
import SystemCalls

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page to look at: what came in, and how far each destination is.",
    discussion: """
      One file, index.html, that asks for nothing else. It holds names of rooms and contacts: put a password before it \
      where a web server shows it. With 'report' in the settings, 'run' writes it anew every minute.
      """)

  @OptionGroup var options: SpoolOptions
  @Option(help: ArgumentHelp("Where index.html goes.", valueName: "directory")) var out: String
  @Option(help: "How far back it looks, in hours (1 to 168).") var hours = 24
  @Flag(help: "Show the last messages, with what they say.") var texts = false

  func validate() throws {
    guard ReportSettings.hoursRange.contains(hours) else {
      throw ValidationError("--hours: expected 1 to 168")
    }
  }

  func run() throws {
    let directory = try options.directory()
    let settings = ReportSettings(directory: out, hours: hours, showsTexts: texts)
    var file = ReportFile(settings, directory, LinuxSystemCalls())
    try file.write()
    print("\(out)/index.html")
  }
}
