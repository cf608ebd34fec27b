import ArgumentParser
import Glibc
import Notice
import SystemCalls

/// The program: its commands, and how it ends. 0: done; 100: wrong use or settings; 111: a failure that may pass.
@main
struct NoticeSender: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notice-sender",
    abstract: "Delivers the messages that notice-handler has put into a spool.",
    discussion: discussion,
    version: SenderVersion.text,
    subcommands: [
      RunCommand.self, OnceCommand.self, StatusCommand.self, SearchCommand.self, ReportCommand.self,
      DeadCommand.self,
      ReplayCommand.self, AuditCommand.self, ImportCommand.self, CheckCommand.self,
      DoctorCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// For the manual page as well (nginx/man.sh): each line of a list is two spaces, a term, two spaces or more, and what it
  /// means, in less than 80 columns.
  private static let discussion = """
    Each destination has a checkpoint of its own in the spool, so none holds up another. A message may be delivered \
    more than once, with the same id, and none is lost. Answers go to standard output, what happens and why \
    something failed to standard error.

    EXIT STATUS:
      0    done; once: nothing is pending
      1    audit: something does not add up; search: nothing was found
      100  wrong use or settings: the same again changes nothing
      111  a failure that may pass; once: something has to wait

    SIGNALS:
      SIGTERM, SIGINT  run and once: attempts under way get 10 s to end, then leave
      SIGHUP           run with --config: read the file again; otherwise as SIGTERM

    ENVIRONMENT:
      NOTICE_SPOOL             the spool, where options and settings name none
      http_proxy, https_proxy  proxies for http(s) destinations; also all_proxy
      no_proxy                 hosts that are reached without a proxy
      PATH                     where the programs of exec destinations are found

    FILES:
      segments/                 in the spool: records, one a line, as they came
      state/DESTINATION.json    how far a destination has come
      dead/DESTINATION.ndjson   messages that were given up, and why
      quarantine/               what is no record or no JSON
      rescue/                   bodies that nginx kept; they are taken in
      archive/                  segments that every destination has
      notices.db                the database where no destination is named
    """

  static func main() {
    Umask.settle()
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
        // A URL may stand where none is expected.
        let message = message(for: error).replacing(/[A-Za-z]+:\/\/[^'\s]*/) {
          DestinationURL.withoutSecrets(String($0.output))
        }
        fatal(message + hint(for: message), status: 100)
      }
      if exitCode(for: error) == .success { exit(withError: error) }
      fatal((error as? SystemCallError)?.advised ?? "\(error)", status: 111)
    }
  }

  /// The command that a word was probably meant to be.
  private static func hint(for message: String) -> String {
    guard let word = CommandLine.arguments.dropFirst().first,
      message.hasPrefix("Unexpected argument '\(word)'")
    else { return "" }
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    return NearestName.hint(word, among: names) + " See notice-sender help"
  }

  private static func fatal(_ message: String, status: Int32) -> Never {
    // Settings can be wrong in several places: each has a line of its own.
    let lines = message.split(separator: "\n").map {
      "notice-sender: fatal: \(OneLine.shown($0))\n"
    }
    let text = Array(lines.joined().utf8)
    // What a command printed before it failed comes first, where both go to one place.
    fflush(nil)
    _ = unsafe write(2, text, text.count)
    Glibc.exit(status)
  }
}
