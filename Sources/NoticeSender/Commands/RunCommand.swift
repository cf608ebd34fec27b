import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Deliver as messages come in, until stopped by SIGTERM or SIGINT (the default).",
    discussion:
      "With --config, SIGHUP makes it read the file again; one that is wrong changes nothing.")

  @OptionGroup var options: SenderOptions

  func run() throws {
    let options = options
    let rereading = { () throws(SettingsError) in try options.settings() }
    _ = try Supervisor(
      options.settings(), mode: .run, rereading: options.place.config == nil ? nil : rereading
    ).run()
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
