import ArgumentParser
import Spool
import SystemCalls

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Prove that every record is delivered, filtered, pending or dead, for each destination.",
    discussion: """
      By count and by id, over the spool and its archive; a SQLite destination of the settings is asked for every \
      record that it got. Leaves with 0 when all adds up, with 1 and a line for each finding when it does not.
      """)

  @OptionGroup var options: SenderOptions
  @Flag(help: "One JSON object.") var json = false

  /// Beside a sender that works, accounts may be taken between two of its steps: what is really wrong stays wrong.
  private static let triesMax = 5
  private static let pauseNanoseconds: Int64 = 1_000_000_000

  func run() throws {
    let settings = try options.settings()
    let directory = SpoolDirectory(settings.spool)
    let system = LinuxSystemCalls()
    try SpoolOptions.require(directory)
    var tables: [String: String] = [:]
    for destination in settings.destinations {
      if case .sqlite(let path) = destination.kind { tables[destination.name] = path }
    }
    var audit = try Audit(directory, tables: tables, system)
    for _ in 1..<Self.triesMax where !audit.isClean {
      guard try SenderLock.holder(directory, system) != nil else { break }
      system.sleep(nanoseconds: Self.pauseNanoseconds)
      audit = try Audit(directory, tables: tables, system)
    }
    print(json ? audit.json : audit.text, terminator: json ? "\n" : "")
    if !audit.isClean { throw ExitCode(1) }
  }
}
