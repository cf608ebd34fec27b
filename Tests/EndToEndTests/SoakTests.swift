import Foundation
import Notice
import Synchronization
import SystemCalls
import TestSupport
import Testing

/// Everything at once, at the rate that the machine holds: nginx, handlers, a sender, an HTTP receiver and a database, with
/// handlers and senders killed at random in the first half; then counts from everywhere have to agree, and what the
/// programs hold must not have grown. The environment's NOTICE_SOAK_MINUTES says how long, NOTICE_SEED repeats the kills.
@Suite(.serialized)
final class SoakTests: Sendable {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seconds =
    environment["NOTICE_SOAK_MINUTES"].flatMap(Double.init).map { $0 * 60 } ?? 20
  private static let connections = 16
  /// The client waits while so many are not delivered: the disk is to hold out for an hour.
  private static let backlogMax = 5000
  /// An allocator's pages come and go; one byte kept of each message would be twice as much.
  private static let residentKiBPerMinuteMax = 128.0

  private let ledger = SoakLedger(chats: connections)
  private let isStopping = Atomic(false)
  private let unanswered = Atomic(0)

  @Test func `counts agree and nothing grows, whatever is killed`() throws {
    let seed = Self.environment["NOTICE_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1 << 32)
    print("seed \(seed): NOTICE_SEED=\(seed) kills at the same times again")
    var random = SeededGenerator(seed: seed)
    let deployment = try Deployment()
    let receiver = try HTTPReceiver(keepsRequests: false) { [ledger] request in
      ledger.receive(request.body)
      return .ok
    }
    let handlerArguments = ["--segment-bytes", "1M"]
    let destinations = [
      "--to", "hook=\(receiver.url)/hook", "--to", "database=sqlite:\(deployment.database)",
    ]
    try deployment.startHandler(handlerArguments)
    try deployment.startNginx()
    try deployment.startSender(destinations)
    let clients = startClients(port: deployment.port)

    var kills = 0
    let start = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    while elapsed() < Self.seconds / 2 {
      usleep(UInt32.random(in: 200_000..<2_000_000, using: &random))
      switch Int.random(in: 0..<3, using: &random) {
      case 0: _ = try deployment.restartHandler(SIGKILL, handlerArguments)
      case 1: _ = try deployment.restartHandler(SIGTERM, handlerArguments)
      default:
        deployment.sender?.stop(SIGKILL)
        try deployment.startSender(destinations)
        kills += 1
      }
    }
    // From here on nobody is killed, and what grows is seen. A sender that names itself in its lock heeds signals.
    let sampled = [
      "handler": deployment.handlers[0].identifier, "sender": deployment.sender?.identifier ?? 0,
    ]
    try eventually("the sender holds the lock") {
      (try? String(contentsOfFile: "\(deployment.spool)/state/lock", encoding: .utf8))
        == "process \(sampled["sender"] ?? 0)\n"
    }
    var samples: [String: [ProcessSample]] = ["handler": [], "sender": []]
    let end = elapsed() + Self.seconds / 2
    while elapsed() < end || samples.values.contains(where: { $0.count < 3 }) {
      for (name, process) in sampled {
        let sample = try #require(ProcessSample(process, at: elapsed()), "\(name) ended by itself")
        samples[name, default: []].append(sample)
      }
      usleep(Self.seconds > 120 ? 1_000_000 : 200_000)
    }
    isStopping.store(true, ordering: .relaxed)
    clients.wait()
    let seconds = elapsed()
    let rate = Double(ledger.acknowledgedCount) / seconds
    try drain(deployment, destinations)
    for (name, list) in samples.sorted(by: { $0.key < $1.key }) { try expectFlat(name, list) }
    try expectAgreement(deployment, destinations, kills: kills)
    print(
      "\(Int(seconds)) s, \(Int(rate)) messages a second, \(ledger.acknowledgedCount) acknowledged, "
        + "\(unanswered.load(ordering: .relaxed)) without an answer, \(kills) kills of the sender, "
        + "\(ledger.repeatedCount) deliveries repeated")
  }

  // MARK: Load

  private func startClients(port: Int) -> DispatchGroup {
    let group = DispatchGroup()
    for chat in 0..<Self.connections {
      group.enter()
      let thread = Thread { [self] in
        defer { group.leave() }
        send(chat, HTTPClient(port: port))
      }
      thread.stackSize = 1 << 19
      thread.start()
    }
    return group
  }

  private func send(_ chat: Int, _ client: HTTPClient) {
    var number = 0
    while !isStopping.load(ordering: .relaxed) {
      // Looked at now and then, as counting takes time.
      if number % 256 == 0 {
        while ledger.acknowledgedCount - ledger.receivedCount > Self.backlogMax,
          !isStopping.load(ordering: .relaxed)
        { usleep(20_000) }
      }
      let body = LoadClient.body(id: SoakLedger.id(chat, number), chat: "chat-\(chat)")
      let answer = try? client.send(number % 2 == 0 ? "GET" : "POST", "/notice", body: body)
      if answer?.status == 200 {
        ledger.acknowledge(chat, number)
      } else {
        unanswered.add(1, ordering: .relaxed)
        usleep(2000)
      }
      number += 1
    }
  }

  // MARK: The end

  private func drain(_ deployment: Deployment, _ destinations: [String]) throws {
    #expect(deployment.sender?.stop() == 0)
    #expect(deployment.handlers[0].stop() == 0)
    try eventually("all is delivered") {
      let status = try deployment.drain(destinations)
      let waiting = try FileManager.default.contentsOfDirectory(
        atPath: "\(deployment.spool)/rescue"
      ).filter { $0.hasSuffix(".json") }
      return status == 0 && waiting.isEmpty
    }
  }

  private func expectFlat(_ name: String, _ samples: [ProcessSample]) throws {
    let growth = try #require(ProcessSample.Growth(samples))
    print("\(name): \(growth)")
    #expect(growth.threads.upperBound < 200, "\(name)'s threads")
    #expect(growth.descriptors.upperBound < 200, "\(name)'s descriptors")
    // In less than two minutes a program has not come to rest after its start.
    guard Self.seconds > 240 else { return }
    #expect(growth.residentKiBPerMinute < Self.residentKiBPerMinuteMax, "\(name) grows")
    #expect(growth.threads.count <= 3, "\(name)'s threads")
    #expect(growth.descriptors.count <= 20, "\(name)'s descriptors")
  }

  private func expectAgreement(
    _ deployment: Deployment, _ destinations: [String], kills: Int
  ) throws {
    // The client's word against the spool's.
    var stored = 0
    var ids = Set<String>()
    var missing = Set<String>()
    var rescued = Set<String>()
    for chat in ledger.chats.indices {
      let list = ledger.chats[chat].state.withLock { $0.acknowledged }
      for number in list.indices where list[number] { missing.insert(SoakLedger.id(chat, number)) }
    }
    try deployment.forEachRecord { record in
      stored += 1
      ids.insert(record.id)
      let id = record.value(.messageId) ?? ""
      missing.remove(id)
      if record.string(.path)?.hasPrefix("rescue/") == true { rescued.insert(id) }
    }
    #expect(missing.isEmpty, "\(missing.count) acknowledged and not in the spool")

    // The receiver's.
    for index in ledger.chats.indices {
      let chat = ledger.chats[index].state.withLock { $0 }
      let lost = chat.acknowledged.indices.filter {
        chat.acknowledged[$0] && (chat.received.count <= $0 || chat.received[$0] == 0)
      }
      #expect(lost.isEmpty, "chat \(index): \(lost.prefix(5)) acknowledged and not received")
      // nginx kept it, and it came into the spool when later ones were there already.
      let late = chat.late.filter { !rescued.contains(SoakLedger.id(index, $0)) }
      #expect(late.isEmpty, "chat \(index): \(late.prefix(5)) out of order")
    }

    // The database's, and the audit's. A writer that lost the lock to another wrote its records once more, and where it had
    // written them first they may be read by nobody.
    #expect(try deployment.query("SELECT count(*) FROM notices") == ["\(ids.count)"])
    let audit = try Programs.run(
      Programs.sender, ["audit", "--json", "--spool", deployment.spool] + destinations)
    #expect(audit.status == 0, "\(audit.output.prefix(2000))")
    let object = try JSONSerialization.jsonObject(with: Data(audit.output.utf8)) as? [String: Any]
    let accounts = object?["destinations"] as? [[String: Any]] ?? []
    #expect(accounts.count == 2)
    for account in accounts {
      #expect((ids.count...stored).contains(account["delivered"] as? Int ?? 0))
    }
    // Besides deliveries that a kill cut off, those of records that are in the spool twice, by the rescue.
    let copies = stored - ledger.receivedCount
    #expect(ledger.repeatedCount <= copies + kills * Self.connections)
  }
}
