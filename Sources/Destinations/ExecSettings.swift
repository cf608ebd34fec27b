/// Which command records are handed to, and how.
package struct ExecSettings: Sendable, Equatable {
  package enum Command: Sendable, Equatable {
    /// A program, by its path or found in `PATH`, and what it is called with.
    case program(String, arguments: [String])
    /// A line for `/bin/sh -c`.
    case shell(String)
  }

  package var command: Command
  /// The destination's name: the command finds it in `NOTICE_DESTINATION`.
  package var name: String
  /// What else the command finds in its environment.
  package var environment: [String: String]
  package var body = BodyForm.record
  /// Records that one process gets.
  package var recordsMax = 100
  /// What a process gets to end.
  package var timeoutSeconds = 60
  /// From being asked to end (SIGTERM) to being made to (SIGKILL).
  var graceMilliseconds = 5000

  package init(command: Command, name: String, environment: [String: String]) {
    self.command = command
    self.name = name
    self.environment = environment
  }

  package static let recordsRange = 1...10_000
  package static let timeoutRange = 1...86_400

  /// The program, its own name first in what it is called with.
  var arguments: [String] {
    switch command {
    case .program(let path, let arguments): [path] + arguments
    case .shell(let line): ["/bin/sh", "-c", line]
    }
  }

  package func validate() throws(ExecSettingsError) {
    guard arguments[0] != "", command != .shell("") else { throw .noCommand }
    guard arguments.allSatisfy({ !$0.utf8.contains(0) }) else { throw .nul }
    for (name, value, range) in [
      ("batch records", recordsMax, Self.recordsRange),
      ("timeout", timeoutSeconds, Self.timeoutRange),
    ] where !range.contains(value) {
      throw .number(name, value, range)
    }
  }
}

/// A setting by which no command could ever run.
package enum ExecSettingsError: Error, Equatable, CustomStringConvertible {
  case noCommand
  case nul
  case number(String, Int, ClosedRange<Int>)

  package var description: String {
    switch self {
    case .noCommand: "the command is empty"
    case .nul: "the command has a NUL character"
    case .number(let name, let value, let range):
      "\(name) \(value): must be from \(range.lowerBound) to \(range.upperBound)"
    }
  }
}
