import Foundation
import TestSupport

/// The programs under test, as they are built for users, and the tools of the machine.
enum Programs {
  static let project = URL(fileURLWithPath: Samples.directory)
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// `NOTICE_BIN`, or where the release build puts them.
  static let directory =
    ProcessInfo.processInfo.environment["NOTICE_BIN"] ?? "\(project)/.build/release"

  static var areReleased: Bool { directory.hasSuffix("release") }

  static var handler: String { "\(directory)/notice-handler" }
  static var sender: String { "\(directory)/notice-sender" }

  static func tool(_ name: String) throws -> String {
    for directory in ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"] {
      let path = "\(directory)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw TestFailure("\(name) is not installed; Tests/run.sh installs what is missing")
  }

  /// Copies a program for a test of its own. Done by another process: a file that this one has just written is still
  /// open in whatever another test is starting at the moment, and cannot be run meanwhile (ETXTBSY).
  static func install(_ program: String, at path: String, mode: String = "755") throws {
    let result = try run(try tool("install"), ["-m", mode, program, path])
    guard result.status == 0 else { throw TestFailure(result.output) }
  }

  struct Result {
    let status: Int32
    let output: String
  }

  /// Runs a program to its end. `input` goes to its standard input.
  static func run(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    input: [UInt8]? = nil
  ) throws -> Result {
    let directory = try TemporaryDirectory()
    var inputPath = "/dev/null"
    if let input {
      inputPath = "\(directory.path)/input"
      try Data(input).write(to: URL(fileURLWithPath: inputPath))
    }
    let process = try ChildProcess(
      executable, arguments, environment: environment, input: inputPath,
      log: "\(directory.path)/output")
    let status = process.wait()
    return Result(status: status, output: process.log)
  }
}
