import ArgumentParser
import Foundation

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Try settings, spool, lock and destinations, without delivering anything.",
    discussion: """
      Connects to http(s) destinations (DNS, TCP, TLS) and sends nothing. Leaves with 0 when all is well, \
      with 100 when the settings are wrong, with 111 when something cannot be used at the moment.
      """)

  @OptionGroup var options: SenderOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try options.settings(environment: environment)
    var findings = [
      Finding.ok(
        "settings",
        (options.place.config.map { "\($0), " } ?? "") + "destinations: "
          + settings.destinations.map(\.name).joined(separator: ", "))
    ]
    findings += SpoolCheck(settings.spool).findings()
    let searchPath = environment["PATH"] ?? "/usr/bin:/bin"
    findings += settings.destinations.map {
      DestinationCheck($0, spool: settings.spool, searchPath: searchPath).finding()
    }
    if let metrics = settings.metrics {
      findings.append(Self.place("metrics", metrics, in: PathAccess.parent(of: metrics)))
    }
    if let report = settings.report {
      findings.append(
        Self.place("report", "\(report.directory)/index.html", in: report.directory))
    }
    print(Finding.table(findings), terminator: "")
    if findings.contains(where: { $0.grade == .failed }) { throw ExitCode(111) }
  }

  private static func place(_ subject: String, _ path: String, in directory: String) -> Finding {
    guard let fault = PathAccess.directoryFault(directory) else { return .ok(subject, path) }
    return .failed(
      subject, "\(path) cannot be written in \(directory): \(fault)",
      remedy: "make the directory, writable for the sender's user")
  }
}
