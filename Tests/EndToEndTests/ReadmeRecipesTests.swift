import Foundation
import Notice
import TestSupport
import Testing

/// What the README says to type in the directory of a spool, taken from its text and run by bash on what the programs have
/// written: refused requests in quarantine, delivered segments in the archive, others still in the spool.
struct ReadmeRecipesTests {
  private let readme: Readme
  private let deployment: Deployment
  private let temporary: TemporaryDirectory
  private let client: HTTPClient
  /// What the two refused callers were told.
  private var details: [String] = []
  /// What was in the segments that have gone to the archive, and what is in those that are left.
  private var archived: [NoticeRecord] = []
  private var kept: [NoticeRecord] = []

  private static let spool = "The spool"
  private static let chinese = "中文快速开始"
  /// jq 1.6 stops at it, as the README says.
  private static let odd = "odd-but-valid.json"

  init() throws {
    readme = try Readme()
    deployment = try Deployment()
    temporary = try TemporaryDirectory()
    client = HTTPClient(port: deployment.port)
    try deployment.startHandler(["--segment-bytes", "64K"])
    try deployment.startNginx()
    for body in [Array("hello".utf8), []] {
      let answer = try client.send("POST", "/notice", body: body)
      let problem = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
      details.append(try #require(problem?["detail"] as? String))
    }
    let samples = Samples.names.filter { $0 != Self.odd }
    for name in samples { try send(Samples.bytes(name)) }
    try startSegment()
    for name in samples + samples { try send(Samples.bytes(name)) }

    let records = try deployment.records()
    let result = try Programs.run(
      Programs.sender,
      ["once", "--spool", deployment.spool, "--archive", "gzip", "--to", "file:\(temporary.path)"])
    guard result.status == 0 else { throw TestFailure(result.output) }
    kept = try recordsOfSegments()
    archived = Array(records.dropLast(kept.count))
    guard archived.count >= samples.count, kept.count >= samples.count,
      (archived + kept).map(\.id) == records.map(\.id)
    else { throw TestFailure("\(archived.count) in the archive, \(kept.count) in the spool") }
  }

  // MARK: In a terminal

  @Test func `tail and jq show what comes, also in the next segment`() throws {
    try follow(readme.command("tail -F", under: Self.spool), inOneLine: true)
  }

  @Test func `the Chinese quick start's tail and jq do, too`() throws {
    let spans = try readme.codeSpans(under: Self.chinese).filter { $0.hasPrefix("tail -F") }
    #expect(spans.count == 1)
    try follow(
      #require(spans.first).replacing("/var/spool/notice", with: deployment.spool),
      inOneLine: false)
  }

  private func follow(_ recipe: String, inOneLine: Bool) throws {
    let terminal = try Terminal(recipe, in: deployment.spool)
    // What is there already.
    try terminal.waitFor(try #require(kept.last?.string(.receivedAt)))
    try send(Samples.bytes("text-private.json"))
    let new = try #require(recordsOfSegments().last?.string(.receivedAt))
    try terminal.waitFor(new)
    if inOneLine { try terminal.waitFor(#"["\#(new)","李雷","你好，请问这个产品多少钱？"]"#) }
    #expect(terminal.errors == "")

    let before = try segments()
    try startSegment()
    try send(LoadClient.body(id: "in-the-next-segment", chat: "a"))
    #expect(try segments() > before)
    try terminal.waitFor("你好 in-the-next-segment")
    // current.ndjson names the next segment before that is there.
    let late = /.* has become inaccessible: .*\n.* has appeared;  following new file\n/
    #expect(
      terminal.errors.replacing(late, with: "").split(separator: "\n").allSatisfy {
        $0.contains("has been replaced;  following new file")
      }, "\(terminal.errors)")
    terminal.strike("\u{03}")
    #expect(try terminal.wait() == 128 + SIGINT)
  }

  @Test func `less follows, searches and leaves`() throws {
    let terminal = try Terminal(readme.command("less", under: Self.spool), in: deployment.spool)
    try terminal.waitFor(try #require(kept.last).id)
    try startSegment()
    try send(LoadClient.body(id: "in-the-next-segment", chat: "a"))
    try terminal.waitFor(try #require(recordsOfSegments().last).id)
    // As the comment beside it says.
    terminal.strike("\u{03}")
    try terminal.strike("/no-such-word\r", until: "Pattern not found")
    terminal.strike("\rF")
    try send(LoadClient.body(id: "after-the-search", chat: "a"))
    try terminal.waitFor(try #require(recordsOfSegments().last).id)
    terminal.strike("\u{03}")
    try terminal.strike("q", until: nil)
    #expect(try terminal.wait() == 0)
    #expect(terminal.errors == "")
  }

  // MARK: To their end

  @Test func `jq counts the types`() throws {
    let lines = try run("jq -r '.body.data.type'").map {
      $0.split(separator: " ").map(String.init)
    }
    let expected = Dictionary(
      grouping: try kept.map { (try data($0)["type"] as? NSNumber)?.stringValue ?? "null" },
      by: \.self
    ).mapValues(\.count)
    #expect(expected.count > 8)
    #expect(Dictionary(uniqueKeysWithValues: lines.map { ($0[1], Int($0[0]) ?? 0) }) == expected)
    let counts = lines.compactMap { Int($0[0]) }
    #expect(counts == counts.sorted(by: >))
  }

  @Test func `grep finds the texts of a chat`() throws {
    let expected = try kept.filter {
      try data($0)["chatId"] as? String == "60ae24d7f630f1dd8745eb86"
    }
    .compactMap { (try data($0)["payload"] as? [String: Any])?["text"] as? String }
    #expect(expected.contains("@助手 明天几点开会？😀"))
    #expect(try run("grep -h") == expected)
  }

  @Test func `jq tells what was refused, and why`() throws {
    let lines = try run("jq -c '{time, status, reason}'").map(object)
    #expect(lines.map { $0["status"] as? Int } == [400, 400])
    #expect(lines.map { $0["reason"] as? String } == details)
    #expect(lines.allSatisfy { Timestamp(rfc3339: $0["time"] as? String ?? "") != nil })
  }

  @Test func `zcat reads the archive`() throws {
    #expect(
      try run("zcat archive")
        == archived.map { #"{"id":"\#($0.id)","kind":"\#($0.kind.rawValue)"}"# })
  }

  @Test func `jq goes on after a line that it does not understand`() throws {
    let odd = try send(Samples.bytes(Self.odd))
    try send(Samples.bytes("text-private.json"))
    let others = try recordsOfSegments().map(\.id).filter { $0 != odd }
    #expect(others.count == kept.count + 1)
    #expect(try run("jq -R").filter { $0 != "\"\(odd)\"" } == others.map { "\"\($0)\"" })
  }

  @Test func `no recipe goes untried`() throws {
    let tried = [
      "tail -F", "less", "jq -r '.body.data.type'", "grep -h", "jq -c '{time, status, reason}'",
      "zcat archive", "jq -R",
    ]
    let commands = try readme.commands(under: Self.spool)
    for command in commands { #expect(tried.contains { command.hasPrefix($0) }, "\(command)") }
    #expect(commands.count == tried.count)
  }

  // MARK: Parts

  /// Runs the only recipe that begins so, and returns the lines that it prints.
  private func run(_ start: String) throws -> [String] {
    let recipe = try readme.command(start, under: Self.spool)
    let errors = "\(temporary.path)/errors"
    let result = try Programs.run(
      Programs.tool("bash"),
      ["-o", "pipefail", "-c", "cd '\(deployment.spool)' && exec 2>'\(errors)'\n\(recipe)"],
      environment: ["LC_ALL": "C.UTF-8"])
    let said = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(result.status == 0 && said == "", "\(recipe): \(result.status) \(said)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// The new record's id.
  @discardableResult
  private func send(_ body: [UInt8]) throws -> String {
    let answer = try client.send("POST", "/notice", body: body)
    guard answer.status == 200 else { throw TestFailure(answer.text) }
    return try #require(recordsOfSegments().last).id
  }

  /// A message so large that the next one begins a segment.
  private func startSegment() throws {
    try send(LoadClient.body(id: String(repeating: "x", count: 40_000), chat: "large"))
  }

  private func segments() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "\(deployment.spool)/segments").count
  }

  private func recordsOfSegments() throws -> [NoticeRecord] {
    let folder = "\(deployment.spool)/segments"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().flatMap { name in
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")).split(separator: 0x0A)
        .map { try NoticeRecord(line: Array($0).span) }
    }
  }

  private func data(_ record: NoticeRecord) throws -> [String: Any] {
    try object(String(decoding: record.body, as: UTF8.self))["data"] as? [String: Any] ?? [:]
  }

  private func object(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }
}
