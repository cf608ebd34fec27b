import Foundation

/// Another program, run to its end for what it tells.
enum Program {
  struct Result {
    let status: Int32
    /// What it wrote, errors included.
    let output: String
  }

  /// `arguments` begins with the program's name, looked for in `PATH` and where servers are. nil: it could not be run.
  static func run(_ arguments: [String]) -> Result? {
    let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    guard
      let name = arguments.first,
      let path = PathAccess.program(name, searchPath: searchPath + ":/usr/sbin:/sbin")
    else { return nil }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = Array(arguments.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    do {
      try process.run()
    } catch {
      return nil
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }
}
