import ArgumentParser
import Glibc

/// The program: its commands, and how it ends. 0: done; 100: wrong use or settings; 111: a failure that may pass.
@main
struct NoticeSender: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notice-sender",
    abstract: "Delivers the messages that notice-handler has put into a spool.",
    version: SenderVersion.text,
    subcommands: [
      RunCommand.self, OnceCommand.self, StatusCommand.self, SearchCommand.self, DeadCommand.self,
      ReplayCommand.self, AuditCommand.self, ImportCommand.self, CheckCommand.self,
      DoctorCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end(error)
    }
  }

  private static func end(_ error: any Error) -> Never {
    switch error {
    case let error as SettingsError:
      fatal("\(error)", status: 100)
    case is CleanExit, is ExitCode:
      exit(withError: error)
    default:
      if exitCode(for: error) == .validationFailure {
        fatal(message(for: error), status: 100)
      }
      if exitCode(for: error) == .success { exit(withError: error) }
      fatal("\(error)", status: 111)
    }
  }

  private static func fatal(_ message: String, status: Int32) -> Never {
    // Settings can be wrong in several places: each has a line of its own.
    let lines = message.split(separator: "\n").map { "notice-sender: fatal: \($0)\n" }
    let text = Array(lines.joined().utf8)
    _ = unsafe write(2, text, text.count)
    Glibc.exit(status)
  }
}
