import Notice
import Spool
import SystemCalls
import TestSupport

@testable import NoticeSender

/// Says what of the promises was broken on a ``SimulatedMachine`` that came to rest: nothing, or a line for each.
struct Oracle {
  private let machine: SimulatedMachine
  private(set) var findings: [String] = []

  private static let roundsMax = 24
  private static let holdMilliseconds: Int64 = 15 * 60 * 1000

  /// Heals the machine and its receivers, lets all work that waits be done, and looks.
  init(_ machine: SimulatedMachine) throws {
    self.machine = machine
    for receiver in machine.receivers { receiver.mood = .well }
    let fresh = machine.ledger.send(chats: ["fresh"], padding: [10])
    let writer = machine.writer(0)
    if try machine.receive(fresh, by: writer).isEmpty {
      findings.append("a fresh message is not taken in")
    }
    try drain()
    for receiver in machine.receivers { try look(at: receiver) }
    // A segment that could not be synced has lines that were read and may be gone, in part. They stand in the next as well: nothing
    // is lost, but their second half may be seen before the first, and the audit tells that lines are gone.
    if machine.disk.pathsOfFailedSyncs.contains(where: { $0.contains("/segments/") }) { return }
    for receiver in machine.receivers { lookAtOrder(receiver) }
    let audit = try Audit(machine.directory, tables: [:], machine.disk.process("test"))
    findings += audit.findings.map { "audit: \($0)" }
    for account in audit.accounts {
      findings += try account.findings.filter { try !isExcused($0, account.destination) }
        .map { "audit: \(account.destination): \($0)" }
    }
  }

  /// What a writer that lost its lock brought into a segment that all had read stands in a later one as well, or was not
  /// acknowledged: the audit cannot know the first where the later one is deleted, and never the second.
  private func isExcused(_ finding: String, _ destination: String) throws -> Bool {
    guard finding.hasSuffix("records are unaccounted for") else { return false }
    if machine.archive.form == .delete { return true }
    let receiver = machine.receivers.first { $0.name == destination }
    let process = machine.disk.process("test")
    for segment in try StoredSegment.all(machine.directory, process) {
      guard let lines = try segment.lines() else { continue }
      while let line = try lines.next() {
        guard let record = try? NoticeRecord(line: line.span),
          let key = record.value(.messageId),
          machine.ledger.messages[key]?.acknowledgedAt == nil
        else { continue }
        if receiver?.firstDeliveries[key] == nil { return true }
      }
    }
    return false
  }

  private mutating func drain() throws {
    for round in 0..<Self.roundsMax {
      if try machine.deliver() { return }
      // Where all that waits is refused, nothing tells whose fault it is: only what gets through does.
      let other = machine.ledger.send(chats: ["fresh \(round)"], padding: [10])
      try machine.receive(other, by: machine.writer(0))
      // At first as long as a pause takes at most, then as the last of the retries does.
      machine.disk.pass(nanoseconds: (round < 3 ? 600 : 104_000) * 1_000_000_000)
    }
    findings.append("the sender does not come to an end")
  }

  private mutating func look(at receiver: SimulatedReceiver) throws {
    let letters = DeadLetters(receiver.name, machine.directory, machine.disk.process("test"))
    var dead: [String: NoticeRecord] = [:]
    try letters.read { letter, _ in
      if let key = letter.record.value(.messageId) { dead[key] = letter.record }
    }
    try letters.readDropped { letter, _ in
      if let key = letter.record.value(.messageId) { dead[key] = letter.record }
    }
    for message in machine.ledger.acknowledged {
      if let letter = dead[message.key] {
        if !letter.body.elementsEqual(message.body) {
          findings.append("\(receiver.name): \(message.key) is dead and altered")
        }
        if !receiver.refused.contains(message.key) {
          findings.append("\(receiver.name): \(message.key) is dead without a reason")
        }
      } else if receiver.firstDeliveries[message.key] == nil {
        findings.append("\(receiver.name): \(message.key) was acknowledged and is lost")
      }
    }
    findings += receiver.alterations.map { "\(receiver.name): \($0)" }
  }

  /// Of two messages of a chat, the second sent when the first was acknowledged, the first comes first; unless it failed
  /// by its own fault and held its chat as long as it may, or was given up.
  private mutating func lookAtOrder(_ receiver: SimulatedReceiver) {
    let replayed = machine.replayedChats[receiver.name] ?? []
    let messages = machine.ledger.acknowledged.filter { !$0.isDetoured }
    let chats = Dictionary(grouping: messages, by: \.chat)
    for (chat, messages) in chats where !replayed.contains(chat) {
      for first in messages {
        if receiver.refusals.contains(first.key) { continue }
        let delivered = receiver.firstDeliveries[first.key] ?? .max
        for second in messages where Self.follows(second, first) {
          guard let moment = receiver.firstDeliveries[second.key], moment < delivered,
            let time = receiver.firstDeliveryTimes[second.key]
          else { continue }
          let isReleased =
            receiver.firstFailures[first.key].map { time - $0 >= Self.holdMilliseconds - 1000 }
            ?? false
          if !isReleased {
            findings.append("\(receiver.name): \(second.key) came before \(first.key)")
          }
        }
      }
    }
  }

  private static func follows(_ second: Ledger.Message, _ first: Ledger.Message) -> Bool {
    guard let acknowledged = first.acknowledgedAt else { return false }
    return acknowledged < second.sentAt
      || first.sentAt == second.sentAt && first.place < second.place
  }
}
