import ArgumentParser
import Destinations
import Foundation
import Spool
import TestSupport
import Testing

@testable import NoticeSender

/// The README's settings and commands are right as they stand there.
struct ReadmeTests {
  private let readme: Readme
  private let temporary: TemporaryDirectory

  init() throws {
    readme = try Readme()
    temporary = try TemporaryDirectory()
    for (name, secret) in [
      ("crm.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), ("postgres.password", "p"),
      ("kafka.password", "k"),
    ] {
      try secret.write(toFile: "\(temporary.path)/\(name)", atomically: false, encoding: .utf8)
    }
  }

  private func parse(_ text: String) throws -> SettingsFile {
    try SettingsFile(
      parsing: text.replacing("/etc/notice", with: temporary.path), file: "sender.yaml",
      environment: ["CRM_KEY": "k$1"])
  }

  @Test func `the settings are read, all kinds of destinations among them`() throws {
    let blocks = try readme.blocks("yaml", under: "Delivering")
    #expect(blocks.count == 1)
    let text = try #require(blocks.first)
    let engines = [("  store:", "  stream:", Engine.postgreSQL), ("  stream:", "", .kafka)]
    // What was built without an engine says so, of that alone.
    var built = text
    for (start, end, engine) in engines where !engine.isBuiltIn {
      let from = try #require(built.range(of: start))
      let to = end.isEmpty ? built.endIndex : built.range(of: end)?.lowerBound ?? built.endIndex
      built.removeSubrange(from.lowerBound..<to)
    }
    let missing = engines.filter { !$0.2.isBuiltIn }.count
    if missing > 0 {
      let error = #expect(throws: SettingsError.self) { try parse(text) }
      #expect(error?.reasons.count == missing)
      #expect(error?.reasons.allSatisfy { $0.contains("--traits") } == true, "\(error as Any)")
    }
    let file = try parse(built)
    #expect(file.spool == "/var/spool/notice")
    #expect(file.archive == ArchiveSettings(form: .gzip, daysMax: 30))
    #expect(file.metrics?.hasSuffix(".prom") == true && file.report?.hours == 24)
    #expect(
      file.destinations.map(\.name).prefix(6) == [
        "platform", "crm", "warehouse", "database", "files", "command",
      ])
    #expect(file.destinations.count == 8 - missing)
  }

  @Test func `the Chinese quick start's settings keep the platform's pages working`() throws {
    let text = try #require(try readme.blocks("yaml", under: "中文快速开始").first)
    let file = try parse(text)
    #expect(file.destinations.map(\.name) == ["platform", "database"])
    guard case .http(let platform) = file.destinations[0].kind else {
      Issue.record("the platform is not reached by HTTP")
      return
    }
    #expect(platform.method == "GET" && platform.body == .original && !platform.webhookHeaders)
  }

  @Test func `every command of the sender is one`() throws {
    let titles = ["Delivering", "Past one machine"]
    let lines =
      try titles.flatMap { try readme.commands(under: $0) }
      + readme.codeSpans(under: "中文快速开始")
    let commands = lines.filter { $0.hasPrefix("notice-sender ") }
    #expect(commands.count >= 13)
    for command in commands {
      let words = command.split(separator: " ").dropFirst().prefix { $0 != "#" }
      #expect(throws: Never.self, "\(command)") {
        _ = try NoticeSender.parseAsRoot(words.map(String.init))
      }
    }
  }
}
