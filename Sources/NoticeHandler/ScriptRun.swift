import FastCGI
import SystemCalls

/// Answers one request as a plain CGI program, with settings from the environment. Whatever is wrong, the
/// caller gets an answer.
struct ScriptRun {
  private let system: any SystemCalls
  private let log: Log

  init(_ system: any SystemCalls, _ log: Log) {
    self.system = system
    self.log = log
  }

  func run(environment: @escaping (String) -> String?) -> ExitStatus {
    let request = CGIRequest()
    do throws(SettingsError) {
      let source = SettingSource(arguments: [:], environment: environment)
      let settings = try HandlerSettings(source, servesScript: true)
      // Nobody else is here, so the answer comes before this returns.
      Intake(settings, system, log).respond(to: request) { CGIRequest.answer($0) }
      request.discardRest()
      return .success
    } catch {
      log.line(.fatal, "\(error)")
      CGIRequest.answer(Refusal.misconfigured.response)
      request.discardRest()
      return .misused
    }
  }
}
