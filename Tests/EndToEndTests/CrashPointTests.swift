import Foundation
import Synchronization
import SystemCalls
import TestSupport
import Testing

/// The programs, as their user runs them, are killed before a system call, started again, and nothing that was acknowledged is
/// lost, altered, out of order or unaccounted for. First the steps that have a name, then every call there is: the
/// environment's NOTICE_LONG=1 leaves none out.
@Suite(.serialized)
struct CrashPointTests {
  private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"

  /// One kill: which program, at which step of what it does.
  struct Point: Sendable, CustomTestStringConvertible {
    let step: String
    let scenario: CrashScenario
    let call: String
    let path: String
    /// The how many'th such call.
    var number = 1

    var testDescription: String { "\(scenario): \(step)" }
  }

  static let points: [Point] = [
    Point(step: "makes the spool", scenario: .firstRequest, call: "mkdir", path: "*/spool"),
    Point(
      step: "makes its directories", scenario: .firstRequest, call: "mkdir", path: "*/state"),
    Point(step: "names the segment", scenario: .firstRequest, call: "symlink", path: "*.next"),
    Point(
      step: "moves the name into place", scenario: .firstRequest, call: "rename",
      path: "*/current.ndjson"),
    Point(
      step: "makes the name durable", scenario: .firstRequest, call: "fsync", path: "*/spool",
      number: 2),
    Point(
      step: "makes the segment", scenario: .firstRequest, call: "open", path: "*/segments/*.ndjson"),
    Point(
      step: "makes the segment durable", scenario: .firstRequest, call: "fsync",
      path: "*/segments"),
    Point(
      step: "reserves space", scenario: .firstRequest, call: "fallocate", path: "*/segments/*"),
    Point(step: "writes a batch", scenario: .firstRequest, call: "write", path: "*/segments/*"),
    Point(step: "syncs a batch", scenario: .firstRequest, call: "fdatasync", path: "*/segments/*"),
    Point(step: "answers", scenario: .firstRequest, call: "write", path: "*/log"),
    Point(
      step: "gives back what was reserved", scenario: .fullSegment, call: "ftruncate",
      path: "*/segments/*"),
    Point(
      step: "begins the next segment", scenario: .fullSegment, call: "open",
      path: "*/segments/*.ndjson"),
    Point(
      step: "keeps a torn line", scenario: .tornSegment, call: "write",
      path: "*/quarantine/damaged.ndjson"),
    Point(
      step: "cuts a torn line off", scenario: .tornSegment, call: "ftruncate",
      path: "*/segments/*"),
    Point(step: "sends", scenario: .delivery, call: "send", path: "socket:*", number: 3),
    Point(
      step: "takes a rescued body", scenario: .delivery, call: "unlink", path: "*/rescue/*.json"),
    Point(
      step: "writes to a database", scenario: .delivery, call: "write", path: "*/notices.db*",
      number: 3),
    Point(
      step: "notes a delivery", scenario: .delivery, call: "write", path: "*/first.delivered"),
    Point(
      step: "writes a dead letter", scenario: .delivery, call: "write", path: "*/dead/second.ndjson"
    ),
    Point(
      step: "syncs a dead letter", scenario: .delivery, call: "fdatasync",
      path: "*/dead/second.ndjson"),
    Point(
      step: "takes the requeued off the dead", scenario: .delivery, call: "rename",
      path: "*/state/first.requeue.1.ndjson"),
    Point(
      step: "begins a checkpoint", scenario: .delivery, call: "open", path: "*/first.json.next"),
    Point(
      step: "writes a checkpoint", scenario: .delivery, call: "write", path: "*/first.json.next"),
    Point(
      step: "keeps the checkpoint before", scenario: .delivery, call: "rename",
      path: "*/first.json.previous"),
    Point(
      step: "puts a checkpoint in place", scenario: .delivery, call: "rename",
      path: "*/first.json"),
    Point(
      step: "puts the second in place", scenario: .delivery, call: "rename",
      path: "*/first.json", number: 2),
    Point(
      step: "empties the journal", scenario: .delivery, call: "ftruncate",
      path: "*/first.delivered"),
    Point(
      step: "clears away what was requeued", scenario: .delivery, call: "unlink",
      path: "*/first.requeue.1.ndjson"),
    Point(
      step: "writes an archived segment down", scenario: .delivery, call: "write",
      path: "*/state/archived.ndjson"),
    Point(step: "compresses", scenario: .delivery, call: "write", path: "*/archive/*.gz.next"),
    Point(
      step: "puts an archived segment in place", scenario: .delivery, call: "rename",
      path: "*/archive/*.gz"),
    Point(
      step: "takes the segment away", scenario: .delivery, call: "unlink",
      path: "*/segments/*.ndjson"),
    Point(
      step: "writes what it requeues", scenario: .requeue, call: "write",
      path: "*/second.requeue.ndjson"),
    Point(
      step: "takes a letter off the dead", scenario: .requeue, call: "rename",
      path: "*/dead/second.ndjson"),
    Point(
      step: "writes what it drops", scenario: .drop, call: "write", path: "*/dropped/second.ndjson"),
    Point(
      step: "takes a letter off the dead", scenario: .drop, call: "rename",
      path: "*/dead/second.ndjson"),
    Point(step: "writes a batch", scenario: .importing, call: "write", path: "*/segments/*"),
    Point(step: "syncs a batch", scenario: .importing, call: "fdatasync", path: "*/segments/*"),
    Point(
      step: "asks for records again", scenario: .replay, call: "write",
      path: "*/second.requeue.ndjson"),
  ]

  @Test func `a kill at each step that has a name loses nothing`() throws {
    let stage = try CrashStage()
    let faults = Faults()
    try inPairs(Self.points.count) { number in
      let point = Self.points[number]
      let seen = Atomic(0)
      let (outcome, wrong) = try stage.crash(point.scenario, "point-\(number)") { _, call in
        call.fits(point.call, point.path)
          && seen.add(1, ordering: .relaxed).newValue == point.number
      }
      // A step that is not there any more is not proved.
      if !outcome.wasKilled { faults.add("\(point.testDescription): there is no such call") }
      faults.add(wrong.map { "\(point.testDescription): \($0)" })
    }
    #expect(faults.all.isEmpty, "\(faults.all.joined(separator: "\n"))")
    print("\(Self.points.count) named steps")
  }

  @Test func `a kill before any call loses nothing`() throws {
    let stage = try CrashStage()
    for scenario in CrashScenario.allCases { try sweep(scenario, on: stage) }
  }

  private func sweep(_ scenario: CrashScenario, on stage: CrashStage) throws {
    let (whole, wrong) = try stage.crash(scenario, "whole") { _, _ in false }
    #expect(wrong.isEmpty, "\(scenario): \(wrong.joined(separator: "\n"))")
    #expect(!whole.wasKilled && whole.calls.count > 5, "\(scenario) does what it is to do")
    // Others at each run of the suite; what fails says which.
    let step = Self.isLong ? 1 : max(1, whole.calls.count / 3)
    let numbers = Array(
      stride(from: .random(in: 1...step), through: whole.calls.count, by: step))
    let faults = Faults()
    try inPairs(numbers.count) { index in
      let number = numbers[index]
      let (outcome, wrong) = try stage.crash(scenario, "call-\(number)") { reached, _ in
        reached == number
      }
      let call = outcome.calls.last?.description ?? ""
      faults.add(wrong.map { "\(scenario), before call \(number), \(call): \($0)" })
    }
    #expect(faults.all.isEmpty, "\(faults.all.joined(separator: "\n"))")
    print("\(scenario): \(numbers.count) kills of \(whole.calls.count) calls")
  }

  /// Two at a time: one waits for the disk while the other computes.
  private func inPairs(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    let failures = Faults()
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 2) { _ in
      while case let number = next.add(1, ordering: .relaxed).oldValue, number < count {
        do { try body(number) } catch { failures.add("\(number): \(error)") }
      }
    }
    if !failures.all.isEmpty { throw TestFailure(failures.all.joined(separator: "\n")) }
  }

  /// What went wrong, on whichever thread.
  private final class Faults: Sendable {
    private let list = Monitor<[String]>([])
    func add(_ fault: String) { list.withLock { $0.append(fault) } }
    func add(_ faults: [String]) { list.withLock { $0 += faults } }
    var all: [String] { list.withLock { $0 } }
  }
}
