import Foundation
import Notice
import Spool
import TestSupport
import Testing

@testable import NoticeSender

/// What is asked for once more, what comes from elsewhere, and how it all stands.
extension CommandTests {
  // MARK: Replay and import

  @Test func `replay counts or asks for records once more`() throws {
    _ = try prepare()
    let replay = ["replay", "--to-destination", "database"]
    func run(_ arguments: String...) throws -> SenderProgram.Result {
      try sender.run(replay + arguments, environment: ["NOTICE_SPOOL": fixture.directory.path])
    }
    let dry = try run("--chat", "chat 1", "--dry-run")
    #expect(dry.status == 0 && dry.output == "3 records would be requeued\n")
    #expect(try run("--since", "1h", "--dry-run").output == "10 records would be requeued\n")
    #expect(try run("--until", "1h", "--dry-run").output == "0 records would be requeued\n")
    #expect(try fixture.checkpoint("database").counts.replayed == 0)
    let ofDead = try self.run("replay", "--to-destination", "d0", "--dry-run")
    #expect(ofDead.output == "10 records would be requeued\n")
    #expect(try fixture.deadIDs().count == 2, "nothing has moved")
    let id = try fixture.records()[0].id
    let partly = try run("--id", id, "nobody")
    #expect(partly.output.hasPrefix("1 record requeued\n"))
    expectWrong(partly, "not in the spool or its archive: nobody")
    #expect(try fixture.once([fixture.sqlite()]))
    #expect(try fixture.checkpoint("database").counts.replayed == 1)
    #expect(try run("--since", "yesterday").status == 100)
    let other = try self.run("replay", "--to-destination", "crm", "--dry-run")
    expectWrong(other, "the spool knows no destination 'crm', but d0, database")
  }

  @Test func `import takes files, directories and standard input`() throws {
    let folder = "\(fixture.temporary.path)/in"
    try FileManager.default.createDirectory(
      atPath: "\(folder)/deeper", withIntermediateDirectories: true)
    for (name, text) in [("b", "[1]\n[2]\n"), ("a", "{}\nno\n"), ("deeper/c", "[3]\n")] {
      try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    let result = try run("import", folder)
    #expect(result.status == 0)
    #expect(
      result.output
        == "3 taken in, 0 of them with their own id\n1 refused: see quarantine/refused.ndjson\n")
    #expect(
      try fixture.records().map { String(decoding: $0.body, as: UTF8.self) } == [
        "{}", "[1]", "[2]",
      ]
    )
    #expect(try fixture.records().map { $0.string(.path) ?? "" }.last == "import/b")

    let input = "\(fixture.temporary.path)/stdin"
    let own = try #require(try fixture.records().first)
    try (String(decoding: own.line, as: UTF8.self) + "\n[4]").write(
      toFile: input, atomically: false, encoding: .utf8)
    let piped = try run("import", "-", input: input)
    #expect(piped.output == "2 taken in, 1 of them with their own id\n")
    #expect(try fixture.records().last?.string(.path) == "import/standard input")
    expectWrong(
      try run("import", "/no/such/file"),
      "/no/such/file: no such file or directory: correct the path")
    #expect(try fixture.records().count == 5)
  }

  @Test func `import takes a pipe by its name, and tells of input that cannot be read`() throws {
    let pipe = "\(fixture.temporary.path)/pipe"
    let isMade = unsafe mkfifo(pipe, 0o600) == 0
    try #require(isMade)
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: "/bin/sh")
    writer.arguments = ["-c", "printf '[1]\\n[2]' >\"$0\"", pipe]
    try writer.run()
    defer { writer.terminate() }
    #expect(try run("import", pipe).output == "2 taken in, 0 of them with their own id\n")
    #expect(try fixture.records().count == 2)
    let unreadable = try run("import", "-", input: fixture.temporary.path)
    #expect(unreadable.status == 111)
    #expect(unreadable.output.contains("read standard input: Is a directory"))
  }

  @Test func `import makes the spool where there is none`() throws {
    let spool = SpoolDirectory("\(fixture.temporary.path)/new")
    let input = "\(fixture.temporary.path)/in"
    try "{}".write(toFile: input, atomically: false, encoding: .utf8)
    #expect(try sender.run(["import", "--spool", spool.path, input]).status == 0)
    #expect(try spool.segmentNames(fixture.system).count == 1)
  }

  // MARK: Status and doctor

  @Test func `status shows a row for each destination, or one object`() throws {
    _ = try prepare()
    try fixture.append(10..<13)
    let text = try run("status")
    #expect(text.status == 0)
    let rows = text.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0].first == "DESTINATION" && rows[0].last == "STATE")
    let first = try #require(rows.first { $0.first == "d0" })
    #expect(first[1...3] == ["8", "0", "3"] && first[5...] == ["2", "0", "stopped"])
    #expect(first[4].wholeMatch(of: /[0-9]+s/) != nil)
    #expect(text.output.contains("sender: not running\n"))
    let json = try JSONSerialization.jsonObject(with: Data(try run("status", "--json").output.utf8))
    let list = (json as? [String: Any])?["destinations"] as? [[String: Any]]
    let object = try #require(list?.first { $0["name"] as? String == "d0" })
    #expect(object["delivered"] as? Int == 8 && object["pending"] as? Int == 3)
    #expect(object["dead"] as? Int == 2 && object["state"] as? String == "stopped")
    #expect(object["oldestPendingAt"] is String)
  }

  @Test func `status --watch shows it anew until it is ended`() throws {
    _ = try prepare()
    let status = try ChildProcess(
      SenderProgram.path, ["status", "--watch", "--spool", fixture.directory.path],
      log: "\(fixture.temporary.path)/status")
    try fixture.append(10..<13)
    try eventually("it is shown with what is new") {
      status.log.components(separatedBy: "DESTINATION").count > 2
        && status.log.contains("  3  ")
    }
    #expect(status.isRunning)
    #expect(!status.log.contains("\u{1B}"), "it is no terminal")
    #expect(status.stop(SIGINT) == 128 + SIGINT)
  }

  @Test func `doctor leaves with 111 when something failed`() throws {
    // The files in which the program's own output is kept are beside the spool.
    let before = try FileManager.default.subpathsOfDirectory(atPath: fixture.directory.path)
    let healthy = try run("doctor")
    #expect(healthy.output.contains("ok       spool"))
    #expect(healthy.output.contains("fdatasync"))
    let after = try FileManager.default.subpathsOfDirectory(atPath: fixture.directory.path)
    #expect(after.sorted() == before.sorted())
    #expect(healthy.status == (healthy.output.contains("\nfailed ") ? 111 : 0))
    let failed = try run("doctor", "--spool", "/dev/null/spool")
    #expect(failed.status == 111)
    #expect(failed.output.hasPrefix("failed   spool"), "\(failed.output)")
    #expect(failed.output.contains("→ run this as the user that owns the spool"))
  }
}
