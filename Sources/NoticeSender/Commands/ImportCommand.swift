import ArgumentParser
import Foundation
import Spool
import SystemCalls

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take notices from files into the spool, as if they had just come.",
    discussion: """
      Each line is one JSON body, or a line of a spool, which keeps its id and its time. Files that end in .gz are \
      read as what they were before. What is no JSON goes to quarantine/refused.ndjson with the reason.
      """)

  @OptionGroup var options: SpoolOptions
  @Argument(help: "Files, directories of files, or - for standard input.") var sources: [String]

  func run() throws {
    let directory = try options.directoryToMake()
    let system = LinuxSystemCalls()
    try directory.requireKnownFormat()
    try directory.create(system)
    let files = try sources.flatMap { source -> [String] in
      guard source != "-" else { return [source] }
      guard let status = try? system.lstat(source) else {
        throw SettingsError("\(source): no such file or directory: correct the path")
      }
      guard status.isDirectory else { return [source] }
      return try system.list(source).sorted().map { "\(source)/\($0)" }
        .filter { (try? system.lstat($0))?.isRegularFile == true }
    }
    var work = Import(directory, system)
    let isTerminal = isatty(2) == 1
    for file in files {
      let lines =
        file == "-"
        ? LineSource(standardInput: system)
        : try LineSource(path: file, following: true, system)
      let name = file == "-" ? "standard input" : (file as NSString).lastPathComponent
      try work.take(lines, name: name) { outcome in
        if isTerminal { Self.show("\r\(outcome.total) lines, in \(name)\u{1B}[K") }
      }
    }
    if isTerminal { Self.show("\r\u{1B}[K") }
    let outcome = work.outcome
    print(
      "\(outcome.records + outcome.bodies) taken in, \(outcome.records) of them with their own id")
    if outcome.refused > 0 {
      print("\(outcome.refused) refused: see quarantine/refused.ndjson")
    }
  }

  private static func show(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
