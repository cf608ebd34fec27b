import ArgumentParser
import Glibc
import SystemCalls

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how far each destination is, and what is wrong where something is.",
    discussion: "Needs no sender, and disturbs none.")

  @OptionGroup var options: SpoolOptions
  @Flag(help: "One JSON object.") var json = false
  @Flag(help: "Show it anew every two seconds, until Ctrl-C.") var watch = false

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    var backlog = Backlog(directory, system)
    while true {
      let status = try SpoolStatus(directory, backlog: &backlog, system)
      // Home, the text, and nothing behind it (ECMA-48).
      let redraws = watch && !json && isatty(1) == 1
      print(
        (redraws ? "\u{1B}[H" : "") + (json ? status.json + "\n" : status.text)
          + (redraws ? "\u{1B}[J" : ""),
        terminator: "")
      fflush(nil)
      guard watch else { return }
      system.sleep(nanoseconds: 2_000_000_000)
    }
  }
}
