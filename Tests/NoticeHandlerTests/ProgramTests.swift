import Foundation
import Glibc
import TestSupport
import Testing

@testable import NoticeHandler

/// The program itself, as it is started by a person and by a web server.
struct ProgramTests {
  private let directory: TemporaryDirectory
  private var spool: String { "\(directory.path)/spool" }

  init() throws { directory = try TemporaryDirectory() }

  /// Beside the program that runs the tests.
  private static let executable = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent().appendingPathComponent("notice-handler")

  private struct Result {
    var status: Int32
    var output: String
    var error: String
  }

  private func run(
    _ arguments: [String] = [], _ environment: [String: String] = [:], input: String = ""
  ) throws -> Result {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.environment = environment
    let pipes = (input: Pipe(), output: Pipe(), error: Pipe())
    process.standardInput = pipes.input
    process.standardOutput = pipes.output
    process.standardError = pipes.error
    try process.run()
    pipes.input.fileHandleForWriting.write(Data(input.utf8))
    try pipes.input.fileHandleForWriting.close()
    let output = pipes.output.fileHandleForReading.readDataToEndOfFile()
    let error = pipes.error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      error: String(decoding: error, as: UTF8.self))
  }

  /// As a web server starts a script.
  private func script(
    _ body: String, _ environment: [String: String] = [:], arguments: [String] = []
  ) throws -> Result {
    let variables = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
      "CONTENT_LENGTH": "\(body.utf8.count)", "NOTICE_SPOOL": spool,
    ]
    return try run(arguments, variables.merging(environment) { $1 }, input: body)
  }

  private var spooled: String {
    (try? String(contentsOfFile: "\(spool)/current.ndjson", encoding: .utf8)) ?? ""
  }

  @Test func `a script takes one notice and answers`() throws {
    let result = try script("{\"a\": 1}")
    #expect(result.status == 0 && result.error == "")
    #expect(
      result.output == """
        Status: 200 OK\r
        Content-Type: application/json\r
        Content-Length: 2\r
        Cache-Control: no-store\r
        \r
        {}
        """)
    #expect(spooled.contains(#""body":{"a":1},"#))
  }

  @Test func `a script knows a body that is cut short, or has no announced length`() throws {
    let short = try script("{}", ["CONTENT_LENGTH": "5"])
    #expect(short.output.hasPrefix("Status: 400 ") && short.output.contains("cut-short"))
    #expect(try script("{}", ["CONTENT_LENGTH": ""]).output.hasPrefix("Status: 200 "))
  }

  @Test(arguments: ["NOTICE_KEY", "NOTICE_MAX_BODY"])
  func `a script takes the whole body off the server's hands, even when it refuses`(
    setting: String
  ) throws {
    // More than a pipe holds: without that this test ends by SIGPIPE, and Apache answers 500 or nothing.
    let body = String(repeating: " ", count: 1 << 20) + "{}"
    let result = try script(body, [setting: "1000"])
    #expect(result.output.hasPrefix(setting == "NOTICE_KEY" ? "Status: 403 " : "Status: 413 "))
    #expect(result.status == 0)
  }

  @Test func `a script never takes its caller's words for options`() throws {
    let result = try script("{}", arguments: ["--version", "--spool=/proc/none"])
    #expect(result.output.hasPrefix("Status: 200 "))
  }

  @Test func `a script with wrong settings still answers, and says why in the log`() throws {
    let result = try script("{}", ["NOTICE_MAX_BODY": "much"])
    #expect(result.status == 100)
    #expect(result.output.hasPrefix("Status: 500 ") && result.output.contains("misconfigured"))
    #expect(!result.output.contains("much"))
    #expect(result.error.hasPrefix("notice-handler: fatal: NOTICE_MAX_BODY \"much\": expected"))
  }

  @Test func `a script that cannot write answers 503`() throws {
    let result = try script("{}", ["NOTICE_SPOOL": "/proc/none"])
    #expect(result.output.hasPrefix("Status: 503 ") && result.output.contains("Retry-After: 5"))
    #expect(result.error.hasPrefix("notice-handler: error: unable to append"))
  }

  @Test func `a check shows the settings and leaves no record`() throws {
    let result = try run(["--check", "--spool", spool, "--key", "s3cr3t"])
    #expect(result.status == 0 && result.error == "")
    #expect(result.output.contains("durability        sync"))
    #expect(result.output.contains("1 accepted") && !result.output.contains("s3cr3t"))
    #expect(result.output.hasSuffix("The spool can be written.\n"))
    #expect(spooled == "")
    #expect(try run(["--check", "--spool", "/proc/none"]).status == 111)
  }

  @Test(arguments: [
    ["--nonsense"], ["--spool", "/proc/none", "--workers", "x"], [], ["--check"],
  ])
  func `wrong use is said in one line and leaves with 100`(arguments: [String]) throws {
    let result = try run(arguments)
    #expect(result.status == 100 && result.output == "")
    #expect(result.error.hasPrefix("notice-handler: fatal: --") || result.error.contains("option"))
    #expect(result.error.split(separator: "\n").count == 1)
  }

  @Test func `a spool that cannot be written leaves with 111`() throws {
    let result = try run(["--spool", "/proc/none", "--listen", "unix:\(directory.path)/s"])
    #expect(result.status == 111)
    #expect(
      result.error.hasPrefix("notice-handler: fatal: unable to write to the spool /proc/none"))
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1])
  func `a signal stops it with everything put away`(signal: Int32) throws {
    let process = Process()
    let error = Pipe()
    process.executableURL = Self.executable
    process.arguments = ["--spool", spool, "--listen", "unix:\(directory.path)/s"]
    process.standardError = error
    try process.run()
    let first = String(decoding: error.fileHandleForReading.availableData, as: UTF8.self)
    #expect(first.hasPrefix("notice-handler: info: serving /notice on unix:"))
    #expect(first.contains("durability sync"))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
    let rest = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(rest.hasSuffix("notice-handler: info: stopped\n"))
    #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/s"))
  }
}
