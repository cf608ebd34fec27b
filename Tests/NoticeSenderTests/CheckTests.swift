import Destinations
import Foundation
import Glibc
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// What `check` finds, and that it leaves everything as it was.
struct CheckTests {
  private let temporary: TemporaryDirectory
  private var spool: String { "\(temporary.path)/spool" }

  init() throws { temporary = try TemporaryDirectory() }

  private func finding(_ kind: DestinationSettings.Kind) -> Finding {
    DestinationCheck(
      DestinationSettings(name: "crm", kind: kind), spool: spool, searchPath: "/usr/bin:/bin"
    ).finding()
  }

  private func http(_ url: String) -> DestinationSettings.Kind {
    .http(HTTPSettings(url: url, body: .record, userAgent: "test"))
  }

  @Test func `a receiver is connected to, and gets no request`() throws {
    let receiver = try HTTPReceiver()
    #expect(
      finding(http(receiver.url)) == .ok("crm", "127.0.0.1:\(receiver.port) can be connected to"))
    #expect(receiver.requestCount == 0)
  }

  @Test func `what cannot be connected to is told with what to do`() throws {
    let port = try freePort()
    let refused = finding(http("http://127.0.0.1:\(port)/hook?key=secret"))
    #expect(refused.grade == .failed)
    #expect(refused.detail == "connection refused by 127.0.0.1:\(port)")
    #expect(refused.remedy.contains("is up"))
    // A label has 63 letters at most (RFC 1035): no resolver asks anybody for this one.
    let name = "\(String(repeating: "x", count: 64)).invalid"
    let unnamed = finding(http("https://\(name)/hook?key=secret"))
    #expect(unnamed.detail == "name not found: \(name)")
    #expect(unnamed.remedy.contains("DNS"))
    // It waits for a request's end, and so never answers TLS.
    let receiver = try HTTPReceiver()
    let url = "https://127.0.0.1:\(receiver.port)/"
    var settings = HTTPSettings(url: url, body: .record, userAgent: "test")
    settings.connectTimeoutSeconds = 1
    #expect(
      finding(.http(settings)).detail == "no connection to 127.0.0.1:\(receiver.port) within 1 s")
  }

  @Test func `a database is tried and neither made nor changed`() throws {
    let path = "\(temporary.path)/notices.db"
    #expect(finding(.sqlite(path)) == .ok("crm", "\(path) will be made"))
    #expect(!FileManager.default.fileExists(atPath: path))
    try "no database, but long enough to be looked at".write(
      toFile: path, atomically: false, encoding: .utf8)
    #expect(finding(.sqlite(path)).detail.contains("file is not a database"))
    #expect(finding(.sqlite("/no/such/dir/x.db")).detail.contains("cannot be made in /no/such/dir"))
  }

  @Test func `directories and commands are tried`() throws {
    #expect(
      finding(.file(FileSettings(directory: temporary.path)))
        == .ok("crm", "\(temporary.path) can be written"))
    #expect(finding(.file(FileSettings(directory: "/no/such/dir"))).grade == .failed)
    func exec(_ command: ExecSettings.Command) -> Finding {
      finding(.exec(ExecSettings(command: command, name: "crm", environment: [:])))
    }
    #expect(exec(.shell("cat")) == .ok("crm", "/bin/sh can be run"))
    #expect(exec(.program("cat", arguments: [])).grade == .ok)
    #expect(exec(.program("/no/such/program", arguments: [])).grade == .failed)
    #expect(exec(.program(temporary.path, arguments: [])).grade == .failed, "a directory")
  }

  @Test func `a spool is looked at as it is, and is not made`() throws {
    let check = SpoolCheck(spool)
    #expect(check.findings().map(\.grade) == [.warning])
    #expect(!FileManager.default.fileExists(atPath: spool))
    #expect(SpoolCheck("/no/such/spool").findings().map(\.grade) == [.failed])
    try SpoolDirectory(spool).create(LinuxSystemCalls())
    #expect(
      check.findings() == [.ok("spool", "\(spool), 0 segments"), .ok("lock", "free")])
    let lock = try SenderLock.acquire(SpoolDirectory(spool), LinuxSystemCalls())
    #expect(
      check.findings().last
        == .ok("lock", "\(spool)/state/lock is held by process \(getpid()): a sender runs"))
    lock.release()
  }

  @Test func `the program leaves with 0, 100 or 111`() throws {
    let sender = SenderProgram(in: temporary)
    func check(_ text: String) throws -> SenderProgram.Result {
      let config = "\(temporary.path)/sender.yaml"
      try text.write(toFile: config, atomically: true, encoding: .utf8)
      return try sender.run(["check", "--config", config])
    }
    let good = try check("spool: \(spool)\ndestinations: {db: {url: 'sqlite:\(spool)/n.db'}}\n")
    #expect(good.status == 0, "\(good.output)")
    #expect(good.output.contains("ok       db        \(spool)/n.db will be made\n"))
    let wrong = try check("spol: x\ndestinations: {db: {url: 'ftp:'}}\n")
    #expect(wrong.status == 100)
    #expect(wrong.output.split(separator: "\n").count == 2, "\(wrong.output)")
    let metrics = try check("spool: \(spool)\nmetrics: /no/such/dir/notice.prom\n")
    #expect(metrics.status == 111)
    #expect(
      metrics.output.contains(
        "failed   metrics         /no/such/dir/notice.prom cannot be written in /no/such/dir: No such"
      ),
      "\(metrics.output)")
    let port = try freePort()
    let refused = try check(
      "spool: \(spool)\ndestinations: {crm: {url: 'http://127.0.0.1:\(port)'}}\n")
    #expect(refused.status == 111)
    #expect(refused.output.contains("failed   crm       connection refused"))
    #expect(refused.output.contains("→ see whether 127.0.0.1:\(port) is up"))
  }

  @Test func `a table has a line for each finding and for each remedy`() {
    #expect(
      Finding.table([.ok("a", "fine"), .failed("long", "bad", remedy: "mend it")]) == """
        ok       a     fine
        failed   long  bad
                       → mend it

        """)
  }
}
