import Foundation
import TestSupport

/// A spool with all that a sender may have to do, on which programs are run and killed, and the oracle: nothing that was
/// acknowledged is lost, altered or out of order, and everything goes on afterwards.
final class CrashSpool {
  let name: String
  let temporary: TemporaryDirectory
  let receiver: CrashReceiver
  /// By id: what clients sent and was acknowledged, in the order of that.
  private(set) var acknowledged: [(id: String, body: [UInt8])] = []
  /// What was sent and not acknowledged: it may arrive or not.
  private(set) var unanswered: [String: [UInt8]] = [:]
  /// Delivered when the spool was prepared, by destination.
  private var before: [String: [[UInt8]]] = [:]

  var path: String { "\(temporary.path)/spool" }
  var log: String { "\(temporary.path)/log" }

  init(_ name: String, _ receiver: CrashReceiver) throws {
    self.name = name
    self.receiver = receiver
    temporary = try TemporaryDirectory()
  }

  /// Another of the same content.
  func copy(_ name: String) throws -> CrashSpool {
    let copy = try CrashSpool(name, receiver)
    try FileManager.default.copyItem(atPath: path, toPath: copy.path)
    copy.acknowledged = acknowledged
    copy.unanswered = unanswered
    for destination in Self.destinations {
      copy.before[destination] = receiver.taken(self.name, destination)
    }
    return copy
  }

  // MARK: Programs

  static let destinations = ["first", "second"]

  /// What the sender is started with to deliver to these.
  func deliveries(to names: [String] = destinations, withDatabase: Bool = true) -> [String] {
    let urls =
      names.map { "\($0)=\(receiver.url(name, $0))" }
      + (withDatabase ? ["database=sqlite:\(path)/notices.db"] : [])
    return urls.flatMap { ["--to", $0] }
  }

  /// A program that is run on this spool.
  struct Command {
    let executable: String
    var arguments: [String]
    var environment: [String: String] = [:]
    var input = "/dev/null"
  }

  /// One request by a CGI process, its body sent as `body`.
  func request(_ body: [UInt8]) throws -> Command {
    let input = "\(temporary.path)/body-\(CrashReceiver.id(body))"
    try Data(body).write(to: URL(fileURLWithPath: input))
    return Command(
      executable: Programs.handler, arguments: [],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "\(body.count)",
        "NOTICE_SPOOL": path, "NOTICE_SEGMENT_BYTES": "64K",
      ], input: input)
  }

  func sender(_ arguments: [String]) -> Command {
    Command(
      executable: Programs.sender, arguments: arguments, environment: ["NOTICE_SPOOL": path])
  }

  /// `once`, to all destinations.
  var delivery: Command { sender(["once"] + deliveries()) }

  /// Runs it to its end and returns what it said; throws where its status is none of these.
  @discardableResult
  func run(_ command: Command, expecting statuses: Set<Int32> = [0]) throws -> String {
    try? FileManager.default.removeItem(atPath: log)
    let process = try ChildProcess(
      command.executable, command.arguments, environment: command.environment,
      input: command.input, log: log)
    let status = process.wait()
    guard statuses.contains(status) else {
      let what = command.arguments.first ?? "request"
      throw TestFailure("\(what) ended by \(status): \(process.log)")
    }
    return process.log
  }

  /// Runs it until a call, before which it is killed.
  func trace(
    _ command: Command,
    killedBefore isLast: @escaping @Sendable (Int, CallTracer.Call) -> Bool = { _, _ in false }
  ) throws -> CallTracer.Outcome {
    try? FileManager.default.removeItem(atPath: log)
    return try CallTracer(
      command.executable, command.arguments, environment: command.environment,
      input: command.input, log: log
    ).run(killedBefore: isLast)
  }

  /// What it wrote to its output when it was run last.
  var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

  // MARK: Messages

  /// A message is taken by a handler that lives.
  func send(_ id: String, chat: String, padding: Int = 0) throws {
    let body = CrashReceiver.body(id: id, chat: chat, padding: padding)
    let answer = try run(try request(body))
    guard answer.hasPrefix("Status: 200") else { throw TestFailure("\(id): \(answer)") }
    acknowledge(body)
  }

  func acknowledge(_ body: [UInt8]) { acknowledged.append((CrashReceiver.id(body), body)) }
  func mayArrive(_ body: [UInt8]) { unanswered[CrashReceiver.id(body)] = body }

  /// Bodies as one file for `import`, a line each.
  func importable(_ bodies: [[UInt8]]) throws -> String {
    let file = "\(temporary.path)/import.ndjson"
    try Data(bodies.joined(separator: [UInt8(ascii: "\n")])).write(to: URL(fileURLWithPath: file))
    return file
  }

  // MARK: The oracle

  /// Sends a fresh message, delivers all there is, and returns what is wrong then. `repeatsMax`: deliveries to one destination
  /// that may have come twice.
  func faults(repeatsMax: Int) throws -> [String] {
    try send("fresh", chat: "fresh")
    try run(delivery, expecting: [0, 111])
    let audit = try account()
    var faults = audit.findings
    let mustArrive = Set(acknowledged.map(\.id))
    let bodies = Dictionary(acknowledged + unanswered.map { ($0.key, $0.value) }) { old, _ in old }
    for destination in Self.destinations {
      let here = receiver.taken(name, destination)
      let all = (before[destination] ?? []) + here
      let ids = all.map(CrashReceiver.id)
      let dead = destination == "second" ? try deadIDs(destination) : []
      for id in mustArrive.subtracting(ids).subtracting(dead).sorted() {
        faults.append("\(destination): \(id) is lost")
      }
      for body in all where bodies[CrashReceiver.id(body)] != body {
        faults.append("\(destination): \(CrashReceiver.id(body)) is altered")
      }
      let repeats = ids.count - Set(ids).count
      if repeats > repeatsMax { faults.append("\(destination): \(repeats) repeated") }
      faults += misplaced(ids, bodies).map { "\(destination): \($0) is out of order" }
      if audit.pending[destination] != 0 {
        faults.append("\(destination): \(audit.pending[destination] ?? -1) pending")
      }
    }
    return faults
  }

  /// Those whose first delivery came after that of one that was acknowledged later in the same chat.
  private func misplaced(_ ids: [String], _ bodies: [String: [UInt8]]) -> [String] {
    var firsts: [String: Int] = [:]
    for (place, id) in ids.enumerated() where firsts[id] == nil { firsts[id] = place }
    var latest: [String: Int] = [:]
    var misplaced: [String] = []
    for (id, body) in acknowledged {
      // It was dead, and its chat went on without it.
      guard let place = firsts[id], id != CrashReceiver.heals, id != CrashReceiver.stays else {
        continue
      }
      let chat = CrashReceiver.chat(body)
      if place < latest[chat] ?? 0 { misplaced.append(id) }
      latest[chat] = max(place, latest[chat] ?? 0)
    }
    return misplaced
  }

  private func account() throws -> (findings: [String], pending: [String: Int]) {
    let text = try run(sender(["audit", "--json"] + deliveries()), expecting: [0, 1])
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    let accounts = object["destinations"] as? [[String: Any]] ?? []
    var findings = object["findings"] as? [String] ?? ["the audit says nothing"]
    var pending: [String: Int] = [:]
    for account in accounts {
      let name = account["name"] as? String ?? ""
      pending[name] = account["pending"] as? Int
      findings += (account["findings"] as? [String] ?? []).map { "audit of \(name): \($0)" }
    }
    return (findings, pending)
  }

  /// Dead, or dropped.
  private func deadIDs(_ destination: String) throws -> Set<String> {
    var ids: Set<String> = []
    for folder in ["dead", "dead/dropped"] {
      let file = "\(path)/\(folder)/\(destination).ndjson"
      for line in (FileManager.default.contents(atPath: file) ?? Data()).split(separator: 0x0A) {
        let letter = try JSONSerialization.jsonObject(with: line) as? [String: Any]
        let record = letter?["record"] as? [String: Any]
        let body = record?["body"] as? [String: Any]
        ids.insert((body?["data"] as? [String: Any])?["messageId"] as? String ?? "")
      }
    }
    return ids
  }
}
