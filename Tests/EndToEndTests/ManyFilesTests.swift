import Foundation
import TestSupport
import Testing

/// A spool that nobody has looked after for years: the directories are full of files, and the programs start and go on.
/// The environment's NOTICE_LONG=1 makes it 100,000 files in each.
struct ManyFilesTests {
  private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"
  private static let count = isLong ? 100_000 : 1000

  private let receiver: CrashReceiver

  init() throws { receiver = try CrashReceiver() }

  @Test func `requests, deliveries, status and audit go on among very many files`() throws {
    let few = try processorSeconds(among: Self.count / 4)
    let many = try processorSeconds(among: Self.count)
    // Four times as many files: time that grows with their square is sixteen times as much. Below half a second, what is
    // measured is the start of the program.
    for (what, seconds) in many.sorted(by: { $0.key < $1.key }) {
      let before = try #require(few[what])
      print("\(what) among \(Self.count) files: \(seconds) s, among a quarter: \(before) s")
      #expect(seconds < 8 * max(before, 0.5), "\(what): \(before) s became \(seconds) s")
    }
  }

  /// What each program takes on a spool that has so many files in each directory, within a time that one which grows with the
  /// square of the files is far above. What a delivery takes besides is a sync or two for each segment.
  private func processorSeconds(among count: Int) throws -> [String: Double] {
    let spool = try CrashSpool("many-\(count)", receiver)
    try fill(spool, count)
    let body = CrashReceiver.body(id: "second", chat: "a")
    let names = ["--to", "first=\(receiver.url(spool.name, "first"))", "--archive", "delete"]
    var seconds: [String: Double] = [:]
    let long = Double(count) / 10
    seconds["a request"] = try processorSeconds(of: try spool.request(body), on: spool, within: 5)
    #expect(spool.output.hasPrefix("Status: 200"))
    seconds["a delivery"] = try processorSeconds(
      of: spool.sender(["once"] + names), on: spool, within: long)
    #expect(receiver.taken(spool.name, "first").count == count + 1)
    seconds["status"] = try processorSeconds(
      of: spool.sender(["status", "--json"]), on: spool, within: 10)
    seconds["an audit"] = try processorSeconds(
      of: spool.sender(["audit"]), on: spool, within: long)
    seconds["a delivery of nothing"] = try processorSeconds(
      of: spool.sender(["once"] + names), on: spool, within: 10)
    return seconds
  }

  private func fill(_ spool: CrashSpool, _ count: Int) throws {
    try spool.send("first", chat: "a")
    let folder = "\(spool.path)/segments"
    let first = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasPrefix("000001") })
    let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(first)"))
    // An archive of years, of segments that hold nothing.
    for number in 1...count {
      try Data().write(
        to: URL(fileURLWithPath: "\(spool.path)/archive/\(name(number)).ndjson"))
      try Data().write(to: URL(fileURLWithPath: "\(spool.path)/quarantine/old-\(number)"))
      try Data().write(to: URL(fileURLWithPath: "\(spool.path)/state/old-\(number)"))
    }
    // A backlog that nobody has fetched: one record in each.
    try FileManager.default.removeItem(atPath: "\(folder)/\(first)")
    for number in count + 1...2 * count {
      try content.write(to: URL(fileURLWithPath: "\(folder)/\(name(number)).ndjson"))
    }
    let link = "\(spool.path)/current.ndjson"
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "segments/\(name(2 * count)).ndjson")
  }

  private func name(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-20261122T064832Z"
  }

  /// Runs it under a shell that tells what it has computed: neither the disk nor what else the machine does is in it.
  private func processorSeconds(
    of command: CrashSpool.Command, on spool: CrashSpool, within limit: Double
  ) throws -> Double {
    let file = "\(spool.temporary.path)/times"
    let script = "\"$@\"; status=$?; times >'\(file)'; exit $status"
    let start = ContinuousClock.now
    try spool.run(
      CrashSpool.Command(
        executable: "/bin/sh",
        arguments: ["-c", script, "sh", command.executable] + command.arguments,
        environment: command.environment.merging(["LC_ALL": "C"]) { $1 }, input: command.input))
    #expect(ContinuousClock.now - start < .seconds(limit), "\(command.arguments)")
    // The shell's own, and in the second line its children's: "0m0.120000s 0m0.040000s".
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let times = (lines.last ?? "").matches(of: /(\d+)m([\d.]+)s/)
    guard lines.count == 2, times.count == 2 else { throw TestFailure("times: \(lines)") }
    return times.reduce(0.0) { sum, time in
      let minutes = Double(time.1) ?? 0
      let seconds = Double(time.2) ?? 0
      return sum + 60 * minutes + seconds
    }
  }

  @Test func `very many rescued bodies are taken in`() throws {
    let spool = try CrashSpool("rescued", receiver)
    let count = Self.count / 10
    try spool.send("first", chat: "a")
    for number in 0..<count { try spool.rescue("rescued-\(number)", chat: "chat \(number % 50)") }
    try spool.run(spool.delivery)
    #expect(receiver.taken("rescued", "first").count == count + 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(spool.path)/rescue").isEmpty)
  }
}
