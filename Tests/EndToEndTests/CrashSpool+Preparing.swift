import Foundation
import TestSupport

extension CrashSpool {
  /// A spool on which the next ``delivery`` has something of everything to do: messages to deliver, one that will die, one that
  /// was dead and is requeued, segments to archive, a body that nginx rescued.
  static func prepared(_ receiver: CrashReceiver) throws -> CrashSpool {
    var tries = 0
    var spool: CrashSpool
    repeat {
      tries += 1
      guard tries <= triesMax else { throw TestFailure("no message fails just once") }
      spool = try CrashSpool("\(CrashReceiver.template)-\(tries)", receiver)
      try spool.fail()
    } while try !destinations.allSatisfy(spool.hasOneFailure)
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

  private static let triesMax = 20

  /// One message fails at each destination, and others get through after it has: it dies at its next attempt.
  private func fail() throws {
    try send(CrashReceiver.heals, chat: "healing")
    try send(CrashReceiver.stays, chat: "staying")
    try send(CrashReceiver.slow, chat: "chat 0")
    for number in 0..<4 { try send("early-\(number)", chat: "chat \(number % 2)") }
    try run(delivery, expecting: [0, 111])
  }

  /// Not where the machine was so slow that none began after it was refused, or that it was tried twice by then.
  private func hasOneFailure(_ destination: String) throws -> Bool {
    let items = try unsettled(destination)
    return items.count == 1 && items[0]["failures"] as? Int == 1
      && items[0]["othersDelivered"] as? Bool == true
  }

  private func unsettled(_ destination: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/state/\(destination).json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return object?["unsettled"] as? [[String: Any]] ?? []
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
      for item in try unsettled(destination) {
        guard let due = (item["nextAttemptAt"] as? String).flatMap(format.date(from:)) else {
          throw TestFailure("\(destination) has something unsettled that did not fail")
        }
        try eventually("the next attempt is due") { Date.now > due }
      }
    }
  }
}
