import Delivery
import Foundation
import Notice
import TestSupport
import Testing

@testable import Destinations

/// How commands are ended, and what they leave behind.
extension ExecDestinationTests {
  @Test(arguments: stubborn)
  func `one that ignores being asked is killed with all that it started`(line: String) throws {
    var settings = settings(line)
    settings.graceMilliseconds = 200
    var children: [Int32] = []
    // Until it has come so far within its time.
    for seconds in [1, 5, 25] where children.count < 2 {
      try? FileManager.default.removeItem(atPath: output)
      settings.timeoutSeconds = seconds
      #expect(try outcomes(settings, 1) == [.failed(reason: "not ended within \(seconds) s")])
      children = content().split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }
    #expect(children.count == 2)
    try eventually("both are gone") { children.allSatisfy { kill($0, 0) == -1 } }
  }

  @Test func `one that reads nothing and one that leaves early hold nothing up`() throws {
    let records = try (0..<100).map {
      try TestRecord.of("[\"\(String(repeating: "x", count: 50_000))\"]", number: $0)
    }
    for line in ["exit 0", "head -c 10 > /dev/null", "exec < /dev/null; sleep 0.05"] {
      let outcomes = try ExecDestination(settings(line)).outcomes(of: records)
      #expect(outcomes.allSatisfy { $0 == .delivered })
    }
    var slow = settings("sleep 60")
    slow.timeoutSeconds = 1
    #expect(
      try ExecDestination(slow).outcomes(of: records)
        .allSatisfy { $0 == .failed(reason: "not ended within 1 s") })
  }

  @Test func `a child that outlives its parent does not hold up the answer`() throws {
    let start = ContinuousClock.now
    #expect(
      try outcomes(settings("sleep 60 & echo $! > $DIR/out; exit 0"), 1) == [.delivered])
    #expect(ContinuousClock.now - start < .seconds(10))
    // It is left alone: the command wanted it so.
    let child = try #require(Int32(content().trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(child, 0) == 0)
    kill(child, SIGKILL)
  }

  @Test func `the command has three descriptors, all signals, its own environment`() throws {
    let inheritable = dup(0)
    defer { close(inheritable) }
    let settings = settings(
      """
      cat > /dev/null
      ls /proc/self/fd > $DIR/descriptors
      grep -E '^Sig(Blk|Ign)' /proc/self/status > $DIR/signals
      env | sort | grep -v -E '^(PWD|_|SHLVL|OLDPWD)=' > $DIR/environment
      """)
    #expect(try outcomes(settings, 1) == [.delivered])
    // The last is the directory's own, of `ls`.
    #expect(content("descriptors") == "0\n1\n2\n3\n")
    for line in content("signals").split(separator: "\n") {
      let mask = try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
      // 32 and 33 are the C library's own.
      #expect(mask & ~(3 << 31) == 0, "\(line)")
    }
    #expect(
      content("environment").split(separator: "\n") == [
        "DIR=\(directory.path)", "NOTICE_DESTINATION=mailer", "NOTICE_RECORDS=1",
        "PATH=/usr/bin:/bin",
      ])
  }

  @Test func `many processes leave neither descriptor nor child behind`() throws {
    var settings = settings("cat > /dev/null")
    settings.recordsMax = 1
    let destination = try ExecDestination(settings)
    _ = destination.outcomes(of: try records(0..<3))
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(destination.outcomes(of: try records(0..<100)).allSatisfy { $0 == .delivered })
    // Other tests open and close theirs meanwhile.
    try eventually("the descriptors are closed", seconds: 60) {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count < before + 100
    }
  }

  @Test func `waiting ends at its time, at a wake-up, and letting go ends the process`() throws {
    var destination: ExecDestination? = try ExecDestination(
      settings("echo $$ > $DIR/out; exec sleep 60"))
    let start = ContinuousClock.now
    #expect(destination?.wait(milliseconds: 50, wakeUps: []).isEmpty == true)
    #expect(ContinuousClock.now - start >= .milliseconds(49))
    destination?.begin(DeliveryAttempt(ticket: 0, record: try records(0..<1)[0]))
    try eventually("the command runs") {
      #expect(destination?.wait(milliseconds: 10, wakeUps: []).isEmpty == true)
      return content().hasSuffix("\n")
    }
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(unsafe write(ends[1], "x", 1) == 1)
    #expect(destination?.wait(milliseconds: 30_000, wakeUps: [ends[0]]).isEmpty == true)
    #expect(ContinuousClock.now - start < .seconds(20))
    let child = try #require(Int32(content().trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(child, 0) == 0)
    destination = nil
    #expect(kill(child, 0) == -1)
  }

  static let faults: [(ExecSettingsError, @Sendable (inout ExecSettings) -> Void)] = [
    (.noCommand, { $0.command = .shell("") }),
    (.noCommand, { $0.command = .program("", arguments: ["x"]) }),
    (.nul, { $0.command = .shell("a\0b") }),
    (.number("batch records", 0, ExecSettings.recordsRange), { $0.recordsMax = 0 }),
    (.number("timeout", 0, ExecSettings.timeoutRange), { $0.timeoutSeconds = 0 }),
  ]

  @Test(arguments: faults.indices)
  func `a command that could never run is refused with its reason`(index: Int) {
    let (expected, change) = Self.faults[index]
    var settings = settings("true")
    change(&settings)
    #expect(throws: expected) { _ = try ExecDestination(settings) }
  }

  @Test func `a command that tells what it was given does not tell the credential`() throws {
    let record = try TestRecord.of(#"{"data":{"messageId":"1","token":"t0ken-of-account"}}"#)
    let outcome = try ExecDestination(settings("cat >&2; exit 3")).outcome(of: record)
    guard case .failed(let reason) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(reason.contains(#""messageId":"1","token":"…""#))
  }
}
