import Foundation
import Notice
import TestSupport
import Testing

/// Programs that have no descriptor left: they wait or refuse, never spin, lose nothing, and go on when there are some
/// again.
@Suite(.serialized)
struct ExhaustionTests {
  /// Leaves the process those descriptors that it has.
  private func starve(_ process: Int32) throws {
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
      .compactMap { Int($0) }
    let free = (0...).first { !open.contains($0) } ?? 0
    try limit(process, to: free)
  }

  private func limit(_ process: Int32, to descriptors: Int) throws {
    let result = try Programs.run(
      try Programs.tool("prlimit"), ["--pid", "\(process)", "--nofile=\(descriptors):"])
    guard result.status == 0 else { throw TestFailure(result.output) }
  }

  /// What it computes in a second, as a share of one core.
  private func load(_ process: Int32) throws -> Double {
    func ticks() throws -> Double {
      let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      let words = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
      return (Double(words[12]) ?? 0) + (Double(words[13]) ?? 0)
    }
    let before = try ticks()
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(1) { usleep(10_000) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return try (ticks() - before) / Double(sysconf(Int32(_SC_CLK_TCK))) / seconds
  }

  @Test func `a handler without descriptors refuses, waits, and goes on`() throws {
    let deployment = try Deployment(withRescue: false)
    try deployment.startHandler(["--segment-bytes", "64K"])
    try deployment.startNginx()
    let handler = deployment.handlers[0].identifier
    let client = HTTPClient(port: deployment.port)
    var acknowledged: [String] = []
    func send(_ id: String) throws -> HTTPClient.Answer {
      let body = CrashReceiver.body(id: id, chat: "a", padding: 40_000)
      let answer = try client.send("POST", "/notice", body: body)
      if answer.status == 200 { acknowledged.append(id) }
      return answer
    }
    for number in 0..<3 { #expect(try send("\(number)").status == 200) }
    try starve(handler)
    // These wait to be accepted, and cannot be.
    for _ in 0..<5 { _ = deployment.answers("\(deployment.path)/run/handler.sock") }
    #expect(try load(handler) < 0.3)
    // What needs no new segment is taken, what needs one is refused; on the connection that nginx has.
    var refused: HTTPClient.Answer?
    for number in 3..<6 {
      let answer = try send("\(number)")
      if answer.status != 200 { refused = answer }
    }
    let answer = try #require(refused)
    #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
    #expect(try load(handler) < 0.3)

    try limit(handler, to: 1024)
    #expect(try send("6").status == 200)
    let others = LoadClient(port: deployment.port, connections: 8, count: 5)
    #expect(others.wait().acknowledged.count == 40)
    let stored = Set(try deployment.records().map { $0.value(.messageId) ?? "" })
    #expect(stored.isSuperset(of: acknowledged))
  }

  @Test func `a sender without descriptors waits, and delivers when it has some`() throws {
    let deployment = try Deployment()
    try deployment.startHandler(["--segment-bytes", "64K"])
    try deployment.startNginx()
    let receiver = try HTTPReceiver()
    try deployment.startSender(["--to", receiver.url, "--to", "sqlite:\(deployment.database)"])
    let client = HTTPClient(port: deployment.port)
    func send(_ numbers: Range<Int>) throws {
      for number in numbers {
        let body = CrashReceiver.body(id: "\(number)", chat: "a", padding: 40_000)
        #expect(try client.send("POST", "/notice", body: body).status == 200)
      }
    }
    try send(0..<2)
    try eventually("they are delivered") { receiver.requestCount == 2 }
    let sender = try #require(deployment.sender).identifier
    try starve(sender)
    try send(2..<10)
    #expect(try load(sender) < 0.3)
    try limit(sender, to: 1024)
    try eventually("all are delivered") {
      receiver.requestCount >= 10
        && (try? deployment.query("SELECT count(*) FROM notices")) == ["10"]
    }
    deployment.sender?.stop()
    let audit = try Programs.run(
      Programs.sender,
      ["audit", "--spool", deployment.spool, "--to", "sqlite:\(deployment.database)"])
    #expect(audit.status == 0, "\(audit.output)")
  }
}
