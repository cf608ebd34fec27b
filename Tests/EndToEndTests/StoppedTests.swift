import Foundation
import SystemCalls
import TestSupport
import Testing

/// Processes that are stopped in the middle of what they do (SIGSTOP, a debugger, a machine that is put to sleep), and have no
/// descriptors left: the others go on within a bounded time, and nothing is lost.
@Suite(.serialized)
struct StoppedTests {
  private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"

  @Test func `a CGI process that is stopped anywhere holds up the others for a bounded time`()
    throws
  {
    let receiver = try CrashReceiver()
    let template = try CrashSpool("stopped", receiver)
    try template.send("first", chat: "a")
    let whole = try template.copy("whole")
    let calls = try whole.trace(
      try whole.request(CrashReceiver.body(id: "whole", chat: "a", padding: 70_000))
    ).calls
    let numbers =
      Self.isLong
      ? Array(1...calls.count)
      : ["symlink", "fallocate", "write"].compactMap { name in
        calls.firstIndex { $0.name == name }.map { $0 + 1 }
      }
    #expect(numbers.count >= 3)
    for number in numbers {
      let spool = try template.copy("stopped-\(number)")
      let faults = try stop(before: number, on: spool)
      #expect(faults.isEmpty, "before \(calls[number - 1]): \(faults.joined(separator: "\n"))")
    }
    print("\(numbers.count) stops of \(calls.count) calls")
  }

  /// Others send while one process stands before that call; then it goes on.
  private func stop(before number: Int, on spool: CrashSpool) throws -> [String] {
    var faults: [String] = []
    let body = CrashReceiver.body(id: "stopped", chat: "stopped", padding: 70_000)
    let stopped = DispatchSemaphore(value: 0)
    let goesOn = DispatchSemaphore(value: 0)
    let command = try spool.request(body)
    let log = "\(spool.temporary.path)/stopped.log"
    let outcome = Monitor<Result<CallTracer.Outcome, any Error>?>(nil)
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      let result = Result {
        try CallTracer(
          command.executable, command.arguments, environment: command.environment,
          input: command.input, log: log
        ).run { reached, _ in
          if reached == number {
            stopped.signal()
            goesOn.wait()
          }
          return false
        }
      }
      outcome.withLock { $0 = result }
    }
    stopped.wait()
    for other in 0..<3 {
      let start = ContinuousClock.now
      try spool.send("other-\(other)", chat: "other")
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      // The lock is waited for 2 s, once.
      if seconds > (other == 0 ? 10 : 5) { faults.append("other-\(other) took \(seconds) s") }
    }
    goesOn.signal()
    group.wait()
    let status = try outcome.withLock { try $0?.get().status }
    let answer = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    if status != 0 || !answer.hasPrefix("Status: 200") { faults.append("it answered: \(answer)") }
    spool.acknowledge(body)
    // What was written before it was stopped may be read, and is written once more.
    faults += try spool.faults(repeatsMax: 1)
    return faults
  }

  @Test func `nginx keeps what a stopped handler does not take in time`() throws {
    let deployment = try Deployment(keepsTimeouts: true)
    try deployment.startHandler()
    try deployment.startNginx()
    let handler = deployment.handlers[0]
    handler.signal(SIGSTOP)
    defer { handler.signal(SIGCONT) }
    let body = LoadClient.body(id: "kept", chat: "a")
    let answer = try HTTPClient(port: deployment.port).send("POST", "/notice", body: body)
    #expect(answer.status == 200, "\(answer.text)")
    let folder = "\(deployment.spool)/rescue"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == 1)
    let kept = FileManager.default.contents(atPath: "\(folder)/\(files.first ?? "")")
    #expect(kept == Data(body))
  }
}
