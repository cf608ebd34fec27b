import Foundation

/// A program that a test runs: ended, by force if need be, when the test lets go of it. Its output goes to a file.
package final class ChildProcess: @unchecked Sendable {
  private let process = Process()
  package let logPath: String

  package init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    directory: String? = nil, log: String
  ) throws {
    logPath = log
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    guard let output = FileHandle(forWritingAtPath: log) else {
      throw TestFailure("unable to write \(log)")
    }
    try output.seekToEnd()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  package var identifier: Int32 { process.processIdentifier }
  package var isRunning: Bool { process.isRunning }
  package var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

  package func signal(_ number: Int32) {
    kill(process.processIdentifier, number)
  }

  /// The exit status, or 128 and the number of the signal that ended it.
  @discardableResult
  package func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
  }

  @discardableResult
  package func stop(_ number: Int32 = SIGTERM) -> Int32 {
    signal(number)
    return wait()
  }
}

/// What a test needs and cannot have.
package struct TestFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Looks every few milliseconds until `condition` holds; throws when it does not in time.
package func eventually(
  _ what: String, seconds: Double = 20, _ condition: () throws -> Bool
) throws {
  let end = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    guard Date() < end else { throw TestFailure("not within \(seconds) s: \(what)") }
    usleep(5000)
  }
}

/// A TCP port of 127.0.0.1 that nobody uses at the moment.
package func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      unsafe bind(descriptor, pointer, length) + getsockname(descriptor, pointer, &length)
    }
  }
  guard result == 0 else { throw TestFailure("no free port") }
  return Int(UInt16(bigEndian: address.sin_port))
}
