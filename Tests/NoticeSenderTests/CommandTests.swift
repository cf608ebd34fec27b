import Foundation
import Notice
import Spool
import TestSupport
import Testing

@testable import NoticeSender

/// The commands as a person types them: what they print, and with what they leave.
struct CommandTests {
  let fixture: SenderFixture
  let receiver: HTTPReceiver
  let sender: SenderProgram

  init() throws {
    fixture = try SenderFixture()
    receiver = try HTTPReceiver()
    sender = SenderProgram(in: fixture.temporary)
  }

  func run(_ arguments: String..., input: String = "/dev/null") throws
    -> SenderProgram.Result
  {
    try sender.run(
      arguments, environment: ["NOTICE_SPOOL": fixture.directory.path], input: input)
  }

  /// Records delivered to `d0` and `database`; two of them are dead for `d0` then.
  func prepare() throws -> [NoticeRecord] {
    try fixture.append(0..<10)
    #expect(try fixture.once([fixture.http(receiver), fixture.sqlite()]))
    let records = try fixture.records()
    try fixture.bury(records[3])
    try fixture.bury(records[7])
    return [records[3], records[7]]
  }

  func expectWrong(
    _ result: SenderProgram.Result, _ said: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == 100, "\(result.output)", sourceLocation: location)
    #expect(result.output.hasSuffix("\(said)\n"), "\(result.output)", sourceLocation: location)
  }

  // MARK: Audit

  @Test func `audit leaves with 0 when all adds up, and with 1 and why when it does not`() throws {
    _ = try prepare()
    let table = "database=sqlite:\(fixture.database)"
    let clean = try run("audit", "--to", table)
    #expect(clean.status == 0)
    let rows = clean.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.count == 3)
    #expect(
      rows[1].map(String.init) == ["d0", "10", "8", "0", "0", "2", "adds", "up"], "\(clean.output)")

    let record = try fixture.records()[5]
    let sql = "DELETE FROM notices WHERE id = '\(record.id)'"
    let tool = try ChildProcess(
      "/usr/bin/sqlite3", [fixture.database, sql], log: "\(fixture.temporary.path)/log")
    #expect(tool.wait() == 0)
    let wrong = try run("audit", "--to", table)
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("does not add up\n"))
    #expect(wrong.output.contains("finding: database: 1 of 10 delivered records"))
    let object = try JSONSerialization.jsonObject(
      with: Data(try run("audit", "--to", table, "--json").output.utf8))
    #expect((object as? [String: Any])?["clean"] as? Bool == false)
  }

  @Test(arguments: ["audit", "status", "dead list", "dead show x", "dead drop d0 --all"])
  func `what needs a spool says that there is none`(command: String) throws {
    let path = "\(fixture.temporary.path)/none"
    let result = try sender.run(command.split(separator: " ").map(String.init) + ["--spool", path])
    expectWrong(
      result,
      "fatal: \(path) is not there: correct the path, or start notice-handler, which makes it")
    #expect(!FileManager.default.fileExists(atPath: path))
    expectWrong(
      try sender.run(command.split(separator: " ").map(String.init)),
      "fatal: no spool directory: give --spool DIR or set NOTICE_SPOOL")
  }

  @Test func `the option counts before the file, and the file before the environment`() throws {
    let config = "\(fixture.temporary.path)/sender.yaml"
    try "spool: /of/the/file\n".write(toFile: config, atomically: true, encoding: .utf8)
    for command in ["status", "audit"] {
      expectWrong(
        try run(command, "--config", config, "--spool", "/of/the/option"),
        "/of/the/option is not there: correct the path, or start notice-handler, which makes it")
      expectWrong(
        try run(command, "--config", config),
        "/of/the/file is not there: correct the path, or start notice-handler, which makes it")
    }
  }

  // MARK: Dead letters

  @Test func `dead list shows each letter, of all destinations or of one`() throws {
    #expect(try run("dead", "list").output == "no dead letters\n")
    let dead = try prepare()
    let lines = try run("dead", "list").output.split(separator: "\n")
    #expect(lines.count == 3)
    for (line, record) in zip(lines.dropFirst(), dead) {
      let cells = line.split(separator: " ").map(String.init)
      #expect(cells[0] == "d0" && cells[2] == record.id && cells[3...4] == ["2", "422"])
      #expect(line.hasSuffix("answered 422: no"))
    }
    #expect(try run("dead", "list", "database").output == "no dead letters\n")
    let json = try run("dead", "list", "d0", "--json").output.split(separator: "\n")
    #expect(json.count == 2)
    let first = try JSONSerialization.jsonObject(with: Data(json[0].utf8)) as? [String: Any]
    #expect(first?["destination"] as? String == "d0" && first?["id"] as? String == dead[0].id)
    #expect(first?["attempts"] as? Int == 2 && first?["status"] as? Int == 422)
    expectWrong(
      try run("dead", "list", "crm"), "the spool knows no destination 'crm', but d0, database")
  }

  @Test func `dead show prints whole letters, and names ids that are none`() throws {
    let dead = try prepare()
    let shown = try run("dead", "show", dead[1].id)
    #expect(shown.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
    #expect((object?["record"] as? [String: Any])?["id"] as? String == dead[1].id)
    #expect(object?["answer"] as? String == "no")
    let partly = try run("dead", "show", dead[0].id, "nobody")
    #expect(partly.output.contains(dead[0].id))
    expectWrong(partly, "fatal: no dead letter has the id nobody")
  }

  @Test func `dead requeue and drop do what can be done, and name what is not there`() throws {
    let dead = try prepare()
    for command in ["requeue", "drop"] {
      #expect(try run("dead", command, "d0").output.contains("give either --all or ids"))
      #expect(
        try run("dead", command, "d0", "x", "--all").output.contains("give either --all or ids"))
      #expect(try run("dead", command, "d0").status == 100)
    }
    let requeued = try run("dead", "requeue", "d0", dead[0].id, "nobody")
    #expect(requeued.output.hasPrefix("1 letter requeued\n"))
    expectWrong(requeued, "fatal: no dead letter of d0 has the id nobody")
    #expect(try fixture.deadIDs() == [dead[1].id])
    let dropped = try run("dead", "drop", "d0", "--all")
    #expect(dropped.status == 0)
    #expect(dropped.output == "1 letter dropped; kept in dead/dropped/d0.ndjson\n")
    #expect(try fixture.deadIDs() == [])
    #expect(try run("dead", "drop", "d0", "--all").output.hasPrefix("0 letters dropped"))
    #expect(try fixture.once([fixture.http(receiver)]))
    #expect(receiver.requestCount == 11, "the requeued one came again, the dropped one did not")
    expectWrong(
      try run("dead", "drop", "crm", "--all"),
      "the spool knows no destination 'crm', but d0, database")
  }
}
