import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Deliver as messages come in, until stopped by SIGTERM or SIGINT (the default).")

  @OptionGroup var options: SenderOptions

  @Option(
    help: ArgumentHelp(
      "Keep figures for Prometheus in this file, replaced each 15 seconds.", valueName: "file"))
  var metrics: String?

  func run() throws {
    _ = try Supervisor(options.settings(), mode: .run, metrics: metrics).run()
  }
}

struct OnceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "once",
    abstract: "Deliver what can be delivered now, and leave: for cron.",
    discussion: "Leaves with 0 when nothing is pending, with 111 when something has to wait.")

  @OptionGroup var options: SenderOptions

  func run() throws {
    let isDrained = try Supervisor(options.settings(), mode: .once).run()
    if !isDrained { throw ExitCode(111) }
  }
}
