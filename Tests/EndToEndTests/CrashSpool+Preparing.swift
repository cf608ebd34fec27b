import Foundation
import TestSupport

extension CrashSpool {
  /// A spool on which the next ``delivery`` has something of everything to do: messages to deliver, one that will die, one that
  /// was dead and is requeued, segments to archive, a body that nginx rescued.
  static func prepared(_ receiver: CrashReceiver) throws -> CrashSpool {
    let spool = try CrashSpool("template", receiver)
    try spool.send(CrashReceiver.heals, chat: "healing")
    try spool.send(CrashReceiver.stays, chat: "staying")
    for number in 0..<4 { try spool.send("early-\(number)", chat: "chat \(number % 2)") }
    try spool.run(spool.delivery, expecting: [111])
    try spool.waitUntilDue("first", "second")
    try spool.run(
      spool.sender(["once"] + spool.deliveries(to: ["first"], withDatabase: false)))
    try spool.run(spool.sender(["dead", "requeue", "first", "--all"]))
    // Larger than the rest of a segment of 64 KiB.
    for number in 0..<3 {
      try spool.send("late-\(number)", chat: "chat \(number % 2)", padding: 40_000)
      try spool.send("behind-\(number)", chat: "healing")
    }
    try spool.rescue("rescued", chat: "rescued")
    return spool
  }

  /// A body as nginx keeps it.
  func rescue(_ id: String, chat: String) throws {
    let folder = "\(path)/rescue"
    let body = CrashReceiver.body(id: id, chat: chat)
    try Data(body).write(to: URL(fileURLWithPath: "\(folder)/1762489591.123-\(id).json"))
    acknowledge(body)
  }

  /// What failed may be tried again.
  private func waitUntilDue(_ destinations: String...) throws {
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    for destination in destinations {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/state/\(destination).json"))
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      for item in object?["unsettled"] as? [[String: Any]] ?? [] {
        guard let due = (item["nextAttemptAt"] as? String).flatMap(format.date(from:)) else {
          throw TestFailure("\(destination) has something unsettled that did not fail")
        }
        try eventually("the next attempt is due") { Date.now > due }
      }
    }
  }
}
