import Foundation
import Notice
import Spool
import TestSupport
import Testing

@testable import NoticeSender

/// The program with one destination that asks for TLS and a password: what it says when either is wrong, and that this costs
/// nothing but time.
struct EngineTrial {
  static let password = "right-hunter2"
  static let wrongPassword = "wrong-hunter2"
  private static let count = 30

  let fixture: SenderFixture
  private let program: SenderProgram

  init() throws {
    fixture = try SenderFixture()
    program = SenderProgram(in: fixture.temporary)
    try fixture.append(0..<Self.count, isShort: true)
    for (name, text) in [("right", Self.password), ("wrong", Self.wrongPassword)] {
      try "\(text)\n".write(toFile: file(name), atomically: false, encoding: .utf8)
    }
  }

  /// A file with a password: `right` or `wrong`.
  func file(_ name: String) -> String { "\(fixture.temporary.path)/\(name).password" }

  private func run(_ command: String, _ destination: String) throws -> SenderProgram.Result {
    let config = "\(fixture.temporary.path)/sender.yaml"
    let indented = destination.split(separator: "\n").map { "    \($0)\n" }.joined()
    try "spool: \(fixture.directory.path)\ndestinations:\n  engine:\n\(indented)"
      .write(toFile: config, atomically: true, encoding: .utf8)
    let result = try program.run([command, "--config", config])
    #expect(!result.output.contains("hunter2"), "\(result.output)")
    return result
  }

  /// `check` and the pause of a delivery say these words, and nothing is delivered.
  func expectFault(
    _ destination: String, _ words: [String], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let check = try run("check", destination)
    #expect(check.status == 111, "\(check.output)", sourceLocation: location)
    let once = try run("once", destination)
    #expect(once.status == 111, "\(once.output)", sourceLocation: location)
    let status = try program.run(["status", "--spool", fixture.directory.path]).output
    let said = [
      (check.output, "failed   engine "), (once.output, "paused"),
      (status, "engine: paused when a sender ran last: "),
    ].map { text, mark in text.split(separator: "\n").first { $0.contains(mark) } }
    for line in said {
      for word in words {
        #expect(
          line?.contains(word) == true, "\(word): \(check.output)\(once.output)\(status)",
          sourceLocation: location)
      }
    }
    #expect(!status.contains("hunter2"), sourceLocation: location)
    let account = try fixture.audit().accounts.first { $0.destination == "engine" }
    #expect(account?.counts.delivered == 0 && account?.counts.dead == 0, sourceLocation: location)
  }

  /// `check` is content, and all of it is delivered.
  func expectDelivery(
    _ destination: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let check = try run("check", destination)
    #expect(check.status == 0, "\(check.output)", sourceLocation: location)
    let once = try run("once", destination)
    #expect(once.status == 0, "\(once.output)", sourceLocation: location)
    #expect(try fixture.findings() == [], sourceLocation: location)
  }

  /// The message ids of all records, sorted.
  var messageIDs: [String] { (0..<Self.count).map { "\($0)" }.sorted() }

  /// No file of the spool has a password.
  func expectNoSecrets() throws {
    let files = try #require(FileManager.default.enumerator(atPath: fixture.directory.path))
    for case let name as String in files {
      let path = "\(fixture.directory.path)/\(name)"
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      #expect(data.range(of: Data("hunter2".utf8)) == nil, "\(name)")
    }
  }
}
