import Foundation
import TestSupport

/// The program itself, built beside the one that runs the tests, with nothing of the test's environment that chooses a spool
/// or a proxy.
struct SenderProgram {
  static let path = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("notice-sender").path

  struct Result {
    let status: Int32
    /// Standard output and standard error.
    let output: String
  }

  private let directory: TemporaryDirectory

  /// Output goes to files in `directory`.
  init(in directory: TemporaryDirectory) {
    self.directory = directory
  }

  /// `environment` is all that the program gets besides PATH; `input`, a file, its standard input.
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null"
  ) throws -> Result {
    let variables = environment.map { "\($0)=\($1)" }
    let process = try ChildProcess(
      "/usr/bin/env", ["-i", "PATH=/usr/bin:/bin"] + variables + [Self.path] + arguments,
      input: input, log: "\(directory.path)/output-\(UUID())")
    return Result(status: process.wait(), output: process.log)
  }
}
