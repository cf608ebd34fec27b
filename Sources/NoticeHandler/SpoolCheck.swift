import Spool
import SystemCalls

/// `--check`: shows the settings in force and where each comes from, and proves that the spool can be
/// written, without leaving a record.
struct SpoolCheck {
  private let settings: HandlerSettings
  private let source: SettingSource
  private let system: any SystemCalls
  private let log: Log

  init(
    _ settings: HandlerSettings, _ source: SettingSource, _ system: any SystemCalls, _ log: Log
  ) {
    self.settings = settings
    self.source = source
    self.system = system
    self.log = log
  }

  func run(_ output: (String) -> Void) -> ExitStatus {
    output(Self.table(settings, source))
    if let error = Intake(settings, system, log).probe() {
      log.line(.fatal, "unable to write to the spool \(settings.spool): \(error.advised)")
      return if case .laterFormat = error { .misused } else { .temporary }
    }
    output("The spool can be written.\n")
    return .success
  }

  /// A line for each setting: its name, its value, and the option or variable that it comes from. The keys of a file
  /// are among those of ``Setting/key``.
  static func table(_ settings: HandlerSettings, _ source: SettingSource) -> String {
    Setting.allCases.filter { $0 != .keyFile }.map { setting in
      let givers = setting == .key ? [.key, .keyFile] : [setting]
      let origins = givers.compactMap { source.given($0)?.origin }.joined(separator: ", ")
      return HelpText.padded(setting.name, to: 18)
        + HelpText.padded(settings.text(setting), to: 34)
        + (origins.isEmpty ? "default" : origins) + "\n"
    }.joined()
  }
}
