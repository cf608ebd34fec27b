import Foundation
import TestSupport

/// What a program does while it is killed.
enum CrashScenario: String, CaseIterable, Sendable, CustomStringConvertible {
  /// A request, where there is no spool yet.
  case firstRequest = "the first request"
  /// A request that needs a new segment.
  case fullSegment = "a request behind a full segment"
  /// A request behind a line that a power cut left unfinished.
  case tornSegment = "a request behind a torn line"
  case delivery = "a delivery of all there is"
  case requeue = "a requeue"
  case drop = "a drop"
  case importing = "an import"
  case replay = "a replay"

  var description: String { rawValue }
}

/// Plays scenarios, each on a spool of its own, and asks the oracle what is wrong afterwards.
final class CrashStage: @unchecked Sendable {
  private let receiver: CrashReceiver
  /// Copied, never changed.
  private let template: CrashSpool

  init() throws {
    receiver = try CrashReceiver()
    template = try CrashSpool.prepared(receiver)
  }

  /// Runs the scenario's program until the kill, and again; then everything has to add up.
  func crash(
    _ scenario: CrashScenario, _ name: String,
    killedBefore isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool
  ) throws -> (outcome: CallTracer.Outcome, faults: [String]) {
    let name = "\(scenario)-\(name)".replacingOccurrences(of: " ", with: "-")
    switch scenario {
    case .firstRequest:
      return try crashRequest(try CrashSpool(name, receiver), isLast)
    case .fullSegment:
      let spool = try template.copy(name)
      return try crashRequest(spool, padding: 40_000, isLast)
    case .tornSegment:
      let spool = try template.copy(name)
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: "\(spool.path)/current.ndjson"))
      try file.seekToEnd()
      try file.write(contentsOf: Data(#"{"id":"019aaf3c-0000"#.utf8))
      try file.close()
      return try crashRequest(spool, isLast)
    case .delivery:
      let spool = try template.copy(name)
      let outcome = try spool.trace(spool.delivery, killedBefore: isLast)
      return (outcome, try spool.faults(repeatsMax: repeatsMax))
    case .requeue: return try crashLetters("requeue", name, isLast)
    case .drop: return try crashLetters("drop", name, isLast)
    case .importing: return try crashImport(name, isLast)
    case .replay:
      let spool = try template.copy(name)
      let command = spool.sender(["replay", "--to-destination", "second", "--chat", "chat 0"])
      return try crashCommand(spool, command, repeatsMax: 10 * repeatsMax, isLast)
    }
  }

  /// A chat has one delivery under way, and there are as many chats.
  private let repeatsMax = 6

  private func crashRequest(
    _ spool: CrashSpool, padding: Int = 0,
    _ isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool
  ) throws -> (outcome: CallTracer.Outcome, faults: [String]) {
    let body = CrashReceiver.body(id: "cut", chat: "chat 0", padding: padding)
    let outcome = try spool.trace(try spool.request(body), killedBefore: isLast)
    if spool.output.hasPrefix("Status: 200") {
      spool.acknowledge(body)
    } else {
      spool.mayArrive(body)
    }
    return (outcome, try spool.faults(repeatsMax: repeatsMax))
  }

  /// A person sees that a command was cut short, and gives it again.
  private func crashCommand(
    _ spool: CrashSpool, _ command: CrashSpool.Command, repeatsMax: Int,
    _ isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool
  ) throws -> (outcome: CallTracer.Outcome, faults: [String]) {
    let outcome = try spool.trace(command, killedBefore: isLast)
    if outcome.wasKilled { try spool.run(command) }
    return (outcome, try spool.faults(repeatsMax: repeatsMax))
  }

  private func crashImport(
    _ name: String, _ isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool
  ) throws -> (outcome: CallTracer.Outcome, faults: [String]) {
    let spool = try template.copy(name)
    let bodies = (0..<50).map { CrashReceiver.body(id: "imported-\($0)", chat: "import \($0 % 5)") }
    let command = spool.sender(["import", try spool.importable(bodies)])
    let outcome = try spool.trace(command, killedBefore: isLast)
    // Nothing was acknowledged yet; what was taken in is taken in twice then.
    if outcome.wasKilled { try spool.run(command) }
    for body in bodies { spool.acknowledge(body) }
    return (outcome, try spool.faults(repeatsMax: bodies.count + repeatsMax))
  }

  /// Of a letter that is dead.
  private func crashLetters(
    _ verb: String, _ name: String, _ isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool
  ) throws -> (outcome: CallTracer.Outcome, faults: [String]) {
    let spool = try template.copy(name)
    // The one that stays refused dies.
    try spool.run(spool.delivery)
    receiver.heal(name)
    let command = spool.sender(["dead", verb, "second", "--all"])
    let outcome = try spool.trace(command, killedBefore: isLast)
    if outcome.wasKilled { try spool.run(command) }
    return (outcome, try spool.faults(repeatsMax: repeatsMax))
  }
}
