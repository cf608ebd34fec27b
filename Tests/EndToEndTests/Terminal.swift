import Foundation
import TestSupport

/// A person at a terminal: a line of bash under a pseudo-terminal (script(1)), what it shows, and keys that are struck.
final class Terminal {
  private let temporary: TemporaryDirectory
  private let process: ChildProcess
  private let keyboard: Int32

  init(_ line: String, in directory: String) throws {
    temporary = try TemporaryDirectory()
    // Open for writing before anybody reads, so that it never comes to its end.
    let keys = "\(temporary.path)/keys"
    guard unsafe mkfifo(keys, 0o600) == 0 else { throw TestFailure("unable to make \(keys)") }
    keyboard = unsafe open(keys, O_RDWR | O_CLOEXEC)
    let command = "cd '\(directory)' && exec 2>'\(temporary.path)/errors'\n\(line)"
    process = try ChildProcess(
      try Programs.tool("script"), ["-q", "-e", "-f", "-c", command, "/dev/null"],
      environment: [
        "SHELL": try Programs.tool("bash"), "TERM": "xterm", "LC_ALL": "C.UTF-8", "LESS": "",
      ], input: keys, log: "\(temporary.path)/screen")
  }

  deinit { close(keyboard) }

  /// All that was shown, without colours and movements of the cursor.
  var screen: String {
    process.log.replacing(/\u{1B}[\[?=>()][0-9;?]*[A-Za-z]?|\r/, with: "")
  }

  /// What came on the standard error.
  var errors: String {
    (try? String(contentsOfFile: "\(temporary.path)/errors", encoding: .utf8)) ?? ""
  }

  func waitFor(_ text: String) throws {
    do {
      try eventually("'\(text)' is shown") {
        let isThere = screen.contains(text)
        guard isThere || process.isRunning else { throw TestFailure("it has ended") }
        return isThere
      }
    } catch {
      throw TestFailure("\(error); shown: \(screen.suffix(2000)) \(errors)")
    }
  }

  func strike(_ keys: String) {
    let bytes = Array(keys.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(keyboard, $0.baseAddress, $0.count) }
  }

  /// Strikes the keys again each second until `text` is shown, or, nil, the line has ended: a program that has just been
  /// interrupted may throw away what was struck meanwhile.
  func strike(_ keys: String, until text: String?) throws {
    var next = Date()
    try eventually("'\(keys)' leads to \(text ?? "the end")") {
      if !process.isRunning || text.map(screen.contains) ?? false { return true }
      if Date() >= next {
        strike(keys)
        next = Date(timeIntervalSinceNow: 1)
      }
      return false
    }
  }

  /// The exit status of the line, which is about to end.
  func wait() throws -> Int32 {
    try eventually("the line ends") { !process.isRunning }
    return process.wait()
  }
}
