import Foundation
import Notice
import SystemCalls
import TestSupport
import Testing

/// Processes are killed, stopped and crowded, and disks fill up: what was answered 200 is in the spool, whole, and reaches
/// the database.
@Suite(.serialized)
struct DurabilityTests {
  @Test func `the record is written and synced before the answer leaves`() throws {
    let deployment = try Deployment()
    let trace = "\(deployment.path)/trace"
    try deployment.startHandler(
      prefix: [
        try Programs.tool("strace"), "-f", "-s", "4096", "-o", trace, "-e",
        "trace=write,pwrite64,fdatasync,fsync,sendto,flock",
      ])
    try deployment.startNginx()
    let client = HTTPClient(port: deployment.port)
    for id in ["first", "second"] {
      let answer = try client.send("GET", "/notice", body: LoadClient.body(id: id, chat: "a"))
      #expect(answer.status == 200)
    }
    try eventually("the trace is written") {
      try String(contentsOfFile: trace, encoding: .utf8).components(separatedBy: "Status: 200")
        .count == 3
    }
    let lines = try String(contentsOfFile: trace, encoding: .utf8).components(separatedBy: "\n")
    let record = try #require(lines.firstIndex { $0.contains("write(") && $0.contains("second") })
    let rest = lines[record...]
    let unlocked = try #require(rest.firstIndex { $0.contains("LOCK_UN") })
    let synced = try #require(rest.firstIndex { $0.contains("fdatasync") && $0.hasSuffix("= 0") })
    let answered = try #require(rest.firstIndex { $0.contains("Status: 200") })
    #expect(record < unlocked)
    #expect(unlocked < synced, "the lock is given back before the sync")
    #expect(synced < answered)
  }

  @Test func `what was answered survives fifty kills of handler, sender and nginx in turn`() throws
  {
    let deployment = try Deployment()
    try deployment.startHandler(["--segment-bytes", "200K"])
    try deployment.startNginx()
    try deployment.startSender()
    let load = LoadClient(port: deployment.port, connections: 16, pauseMicroseconds: 200)
    for round in 0..<50 {
      let before = load.answered
      try eventually("requests are answered again") { load.answered > before + 20 }
      switch round % 3 {
      case 0: _ = try deployment.restartHandler(SIGKILL, ["--segment-bytes", "200K"])
      case 1:
        deployment.sender?.stop(SIGKILL)
        try deployment.startSender()
      default:
        try deployment.killNginx()
        try deployment.startNginx()
      }
    }
    try check(deployment, load.stop(), "after fifty kills")
  }

  @Test func `a handler that is stopped and started under load fails no request`() throws {
    let deployment = try Deployment()
    try deployment.startHandler()
    try deployment.startNginx()
    try deployment.startSender()
    let load = LoadClient(port: deployment.port, connections: 32)
    for _ in 0..<10 {
      let before = load.answered
      try eventually("requests are answered again") { load.answered > before + 200 }
      #expect(try deployment.restartHandler(SIGTERM) == 0)
    }
    let tally = load.stop()
    #expect(tally.refused.isEmpty, "\(tally.refused)")
    #expect(tally.unanswered == 0)
    try check(deployment, tally, "after ten restarts")
  }

  @Test func `several handlers and two hundred CGI processes write one spool at once`() throws {
    let deployment = try Deployment()
    for _ in 0..<3 { try deployment.startHandler(["--segment-bytes", "100K"]) }
    let lock = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(deployment.spool)/lock"))
    let sockets = ["handler", "handler-1", "handler-2"]
    try deployment.pointNginx(at: sockets.map { "unix:\(deployment.path)/run/\($0).sock" })
    try deployment.startNginx()

    let load = LoadClient(port: deployment.port, connections: 64)
    let failures = Failures()
    let spool = deployment.spool
    DispatchQueue.concurrentPerform(iterations: 200) { number in
      do {
        let answer = try Programs.run(
          Programs.handler, [],
          environment: [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
            "CONTENT_TYPE": "application/json", "NOTICE_SPOOL": spool,
            "CONTENT_LENGTH": "\(LoadClient.body(id: "cgi-\(number)", chat: "c").count)",
          ], input: LoadClient.body(id: "cgi-\(number)", chat: "c"))
        if !answer.output.hasPrefix("Status: 200") { failures.add(answer.output) }
      } catch {
        failures.add("\(error)")
      }
    }
    try eventually("the handlers have filled segments, too") { load.answered > 1000 }
    var tally = load.stop()
    #expect(failures.all.isEmpty, "\(failures.all.prefix(3))")
    #expect(tally.refused.isEmpty)
    for number in 0..<200 { tally.acknowledged.insert("cgi-\(number)") }
    try check(deployment, tally, "of several writers", lock: lock)
  }

  @Test func `a full disk refuses, keeps what it has, and works again when there is room`() throws {
    let deployment = try Deployment(withRescue: false)
    // A file system of 3 MiB in a name space of the handler's own: it goes when the handler goes.
    let ballast = "\(deployment.spool)/ballast"
    let mount =
      "mount -t tmpfs -o size=3m none \(deployment.spool) && "
      + "head -c 1500000 /dev/zero > \(ballast) && exec \"$@\""
    let unshare = [try Programs.tool("unshare")] + (geteuid() == 0 ? ["-m"] : ["-rm"])
    try deployment.startHandler(prefix: unshare + ["sh", "-c", mount, "sh"])
    try deployment.startNginx()

    let client = HTTPClient(port: deployment.port)
    var acknowledged: [String] = []
    var refused: HTTPClient.Answer?
    for number in 0..<100 where refused == nil {
      let filler = String(repeating: "x", count: 50_000)
      let body = Array(#"{"data":{"messageId":"\#(number)","filler":"\#(filler)"}}"#.utf8)
      let answer = try client.send("POST", "/notice", body: body)
      if answer.status == 200 { acknowledged.append("\(number)") } else { refused = answer }
    }
    #expect(acknowledged.count > 5)
    let answer = try #require(refused)
    #expect(answer.status == 503)
    #expect(answer.headers["retry-after"] != nil)
    #expect(answer.text.contains("space"))

    // Seen through the handler's own eyes, as nobody else sees its file system.
    let inside = "/proc/\(deployment.handlers[0].identifier)/root\(deployment.spool)"
    try FileManager.default.removeItem(atPath: "\(inside)/ballast")
    let again = try client.send("POST", "/notice", body: LoadClient.body(id: "again", chat: "a"))
    #expect(again.status == 200)
    acknowledged.append("again")

    var stored: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(inside)/segments").sorted() {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(inside)/segments/\(name)"))
      for line in data.split(separator: 0x0A) {
        let bytes = Array(line)
        stored.append(try NoticeRecord(line: bytes.span).value(.messageId) ?? "")
      }
      #expect(data.last == 0x0A)
    }
    #expect(stored == acknowledged)
  }

  /// Each acknowledged id is in the spool and in the database. `lock`, the spool's, opened before the load: each is one record
  /// there, and there is no other.
  private func check(
    _ deployment: Deployment, _ tally: LoadClient.Tally, _ when: String, lock: FileHandle? = nil
  ) throws {
    deployment.sender?.stop()
    try eventually("what nginx rescued is taken in") {
      try deployment.drain()
      return try FileManager.default.contentsOfDirectory(atPath: "\(deployment.spool)/rescue")
        .filter { $0.hasSuffix(".json") }.isEmpty
    }
    #expect(try deployment.drain() == 0)
    let records = try deployment.records()
    let stored = records.map { $0.value(.messageId) ?? "" }
    let missing = tally.acknowledged.subtracting(stored)
    #expect(missing.isEmpty, "\(missing.count) acknowledged notices are not in the spool \(when)")
    if let lock {
      #expect(Set(stored).subtracting(tally.acknowledged).isEmpty)
      #expect(Set(records.map(\.id)).count == tally.acknowledged.count)
      // A writer that lost the lock to another writes its records once more.
      if try LinuxSystemCalls().fstat(lock.fileDescriptor).links > 0 {
        #expect(records.count == tally.acknowledged.count)
      }
    }
    let delivered = Set(try deployment.query("SELECT message_id FROM notices"))
    let pending = tally.acknowledged.subtracting(delivered)
    #expect(
      pending.isEmpty, "\(pending.count) acknowledged notices are not in the database \(when)")
    print(
      "\(tally.acknowledged.count) acknowledged, \(stored.count) stored, \(delivered.count) in the database \(when)"
    )
  }
}

/// What went wrong on other threads.
private final class Failures: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []

  func add(_ failure: String) { lock.withLock { list.append(failure) } }
  var all: [String] { lock.withLock { list } }
}
