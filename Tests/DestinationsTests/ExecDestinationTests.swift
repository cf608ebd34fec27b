import Delivery
import Foundation
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct ExecDestinationTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  var output: String { "\(directory.path)/out" }
  func content(_ name: String = "out") -> String {
    (try? String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)) ?? ""
  }

  func settings(_ line: String) -> ExecSettings {
    var settings = ExecSettings(
      command: .shell(line), name: "mailer",
      environment: ["PATH": "/usr/bin:/bin", "DIR": directory.path])
    settings.body = .original
    return settings
  }

  func records(_ range: Range<Int>) throws -> [NoticeRecord] {
    try range.map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
  }

  func outcomes(_ settings: ExecSettings, _ count: Int) throws -> [DeliveryOutcome?] {
    try ExecDestination(settings).outcomes(of: records(0..<count))
  }

  @Test(arguments: BodyForm.allCases)
  func `records come as lines on standard input`(form: BodyForm) throws {
    var settings = settings("cat >> $DIR/out")
    settings.body = form
    let records = try records(0..<30)
    let outcomes = try ExecDestination(settings).outcomes(of: records)
    #expect(outcomes.allSatisfy { $0 == .delivered })
    #expect(
      content()
        == records.map { String(decoding: form.bytes(of: $0), as: UTF8.self) + "\n" }.joined())
  }

  @Test func `a process gets as many records as set, and is told how many and for whom`() throws {
    var settings = settings("echo $NOTICE_DESTINATION $NOTICE_RECORDS $(wc -l) >> $DIR/out")
    settings.recordsMax = 20
    #expect(try outcomes(settings, 50).allSatisfy { $0 == .delivered })
    #expect(content() == "mailer 20 20\nmailer 20 20\nmailer 10 10\n")
  }

  @Test func `a program is called with its arguments as they are`() throws {
    var settings = settings("")
    settings.command = .program(
      "sh",
      arguments: ["-c", "cat > /dev/null; printf '%s|' \"$@\" > $DIR/out", "x", "a b", "$HOME", ""])
    #expect(try outcomes(settings, 1) == [.delivered])
    #expect(content() == "a b|$HOME||")
  }

  @Test func `more than a pipe holds arrives whole`() throws {
    let records = try (0..<100).map {
      try TestRecord.of("[\"\(String(repeating: "x", count: 50_000))\"]", number: $0)
    }
    let outcomes = try ExecDestination(settings("sleep 0.1; wc -c > $DIR/out")).outcomes(
      of: records)
    #expect(outcomes.allSatisfy { $0 == .delivered })
    #expect(content() == "\(100 * 50_005)\n")
  }

  static let failures: [(String, String)] = [
    ("exit 3", "exit status 3"),
    ("echo first >&2; echo 'no such table' >&2; exit 1", "exit status 1: no such table"),
    ("printf 'torn\\033[31m\\n\\n' >&2; exit 1", "exit status 1: torn [31m"),
    ("kill -9 $$", "ended by signal 9"),
    ("no-such-program", "exit status 127: /bin/sh: 1: no-such-program: not found"),
    ("exit 101", "exit status 101"),
    (
      "head -c 300000 /dev/zero | tr '\\0' e >&2; echo; echo >&2; echo last >&2; exit 2",
      "exit status 2: last"
    ),
  ]

  @Test(arguments: failures.indices)
  func `any other end is a failure with the last line of standard error`(index: Int) throws {
    let (line, reason) = Self.failures[index]
    let expected = DeliveryOutcome.failed(reason: reason)
    #expect(try outcomes(settings(line), 3) == [expected, expected, expected])
  }

  @Test func `a program that is not there is a failure`() throws {
    var settings = settings("")
    settings.command = .program("/no/such/program", arguments: [])
    #expect(
      try outcomes(settings, 1) == [
        .failed(
          reason: "unable to start the command: posix_spawn /no/such/program: "
            + "No such file or directory")
      ])
  }

  @Test(arguments: [0, 4, 9])
  func `a batch that is refused is tried one by one, once each`(bad: Int) throws {
    let settings = settings(
      "echo run >> $DIR/out; if grep -q '\"n\":\(bad)}'; then echo bad >&2; exit 100; fi")
    let outcomes = try outcomes(settings, 10)
    for (number, outcome) in outcomes.enumerated() {
      #expect(
        outcome == (number == bad ? .refused(reason: "exit status 100: bad") : .delivered))
    }
    #expect(content().split(separator: "\n").count == 11)
  }

  @Test func `a single record that is refused is not tried again`() throws {
    #expect(
      try outcomes(settings("echo run >> $DIR/out; exit 100"), 1)
        == [.refused(reason: "exit status 100")])
    #expect(content() == "run\n")
  }

  @Test(arguments: [
    "exec sleep 60", "sleep 60", "while :; do :; done", "cat; trap 'exit 0' TERM; sleep 60 & wait",
  ])
  func `a command that does not end is made to`(line: String) throws {
    var settings = settings(line)
    settings.timeoutSeconds = 1
    // Asking is enough.
    settings.graceMilliseconds = 600_000
    let start = ContinuousClock.now
    #expect(
      try outcomes(settings, 2) == [
        .failed(reason: "not ended within 1 s"), .failed(reason: "not ended within 1 s"),
      ])
    #expect((.milliseconds(999)..<(.seconds(5))).contains(ContinuousClock.now - start))
  }

  static let stubborn = [
    // The command itself, and what it started.
    "trap '' TERM; sleep 3600 & echo $$ $! > $DIR/out; sleep 3600; sleep 3600; sleep 3600",
    // What it started alone.
    "sh -c 'trap \"\" TERM; sleep 3600; sleep 3600' & echo $$ $! > $DIR/out; sleep 3600; sleep 3600",
  ]
}
