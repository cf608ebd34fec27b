import Foundation
import TestSupport
import Testing

/// A spool that nobody has looked after for years: the directories are full of files, and the programs start and go on.
/// The environment's NOTICE_LONG=1 makes it 100,000 files in each.
struct ManyFilesTests {
  private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"
  private static let count = isLong ? 100_000 : 1000

  private let spool: CrashSpool
  private let receiver: CrashReceiver

  init() throws {
    receiver = try CrashReceiver()
    spool = try CrashSpool("many", receiver)
  }

  private func seconds(_ what: String, _ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("\(what): \(seconds) s")
    return seconds
  }

  @Test func `requests, deliveries, status and audit go on among very many files`() throws {
    try spool.send("first", chat: "a")
    let folder = "\(spool.path)/segments"
    let first = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasPrefix("000001") })
    let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(first)"))
    // An archive of years, of segments that hold nothing.
    for number in 1...Self.count {
      try Data().write(
        to: URL(fileURLWithPath: "\(spool.path)/archive/\(name(number)).ndjson"))
      try Data().write(to: URL(fileURLWithPath: "\(spool.path)/quarantine/old-\(number)"))
      try Data().write(to: URL(fileURLWithPath: "\(spool.path)/state/old-\(number)"))
    }
    // A backlog that nobody has fetched: one record in each.
    try FileManager.default.removeItem(atPath: "\(folder)/\(first)")
    for number in Self.count + 1...2 * Self.count {
      try content.write(to: URL(fileURLWithPath: "\(folder)/\(name(number)).ndjson"))
    }
    let link = "\(spool.path)/current.ndjson"
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "segments/\(name(2 * Self.count)).ndjson")

    // Coarse, as the machine may have other work: time that grows with the square of the files is far above. What a delivery
    // takes is a sync or two for each segment.
    let request = try seconds("a CGI request") { try spool.send("second", chat: "a") }
    #expect(request < 5)
    let names = ["--to", "first=\(receiver.url("many", "first"))", "--archive", "delete"]
    let delivery = try seconds("a delivery of \(Self.count) segments") {
      try spool.run(spool.sender(["once"] + names))
    }
    #expect(delivery < Double(Self.count) / 10)
    #expect(receiver.taken("many", "first").count == Self.count + 1)
    let status = try seconds("status") { try spool.run(spool.sender(["status", "--json"])) }
    #expect(status < 10)
    let audit = try seconds("audit") { try spool.run(spool.sender(["audit"])) }
    #expect(audit < Double(Self.count) / 10)
    let idle = try seconds("a delivery of nothing") {
      try spool.run(spool.sender(["once"] + names))
    }
    #expect(idle < 10)
  }

  private func name(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-20261122T064832Z"
  }

  @Test func `very many rescued bodies are taken in`() throws {
    let count = Self.count / 10
    try spool.send("first", chat: "a")
    for number in 0..<count { try spool.rescue("rescued-\(number)", chat: "chat \(number % 50)") }
    _ = try seconds("a delivery of \(count) rescued bodies") {
      try spool.run(spool.delivery)
    }
    #expect(receiver.taken("many", "first").count == count + 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(spool.path)/rescue").isEmpty)
  }
}
