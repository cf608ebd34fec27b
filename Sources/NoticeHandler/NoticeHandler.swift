import FastCGI
import Glibc
import Spool
import SystemCalls

/// The program `notice-handler`: finds out how it was started and does that.
@main
enum NoticeHandler {
  static let version = "1.0.0"

  static func main() {
    Umask.settle()
    // Before there is any thread: a signal to stop waits for the thread that waits for it.
    StopSignals.block()
    let system = LinuxSystemCalls()
    let log = Log(system)
    exit(run(system, log).rawValue)
  }

  private static func run(_ system: LinuxSystemCalls, _ log: Log) -> ExitStatus {
    let start = Start(environment: environment, processIdentifier: getpid())
    // The web server turns a query string without "=" into arguments of a script (RFC 3875 §4.4): they
    // are the caller's words, not the operator's.
    if start == .script { return ScriptRun(system, log).run(environment: environment) }
    do throws(SettingsError) {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      let source = SettingSource(arguments: arguments.values, environment: environment)
      switch arguments.action {
      case .help:
        output(HelpText.text)
        return .success
      case .version:
        output("notice-handler \(version)\n")
        return .success
      case .check:
        return SpoolCheck(try HandlerSettings(source), source, system, log).run(output)
      case .serve:
        return Service(try HandlerSettings(source), start, system, log).run()
      }
    } catch {
      log.line(.fatal, "\(error)")
      return .misused
    }
  }

  private static func environment(_ name: String) -> String? {
    unsafe name.withCString { unsafe getenv($0) }.map { unsafe String(cString: $0) }
  }

  private static func output(_ text: String) {
    print(text, terminator: "")
  }
}
