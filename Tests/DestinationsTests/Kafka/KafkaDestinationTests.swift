#if Kafka
  import Delivery
  import Foundation
  import Notice
  import TestSupport
  import Testing

  @testable import Destinations

  /// What a topic gets, whatever becomes of its brokers.
  @Suite(.serialized, .timeLimit(.minutes(15)))
  struct KafkaDestinationTests {
    let cluster: MockCluster

    init() throws { cluster = try MockCluster() }

    func destination(
      _ properties: [String: String] = [:], inFlight: Int = 500
    ) throws -> KafkaDestination {
      var settings = KafkaSettings(brokers: cluster.brokers, topic: cluster.topic)
      settings.inFlightMax = inFlight
      settings.userProperties = ["reconnect.backoff.max.ms": "200", "log_level": "2"]
        .merging(properties) { $1 }
      return try KafkaDestination(settings)
    }

    func record(_ number: Int, chats: Int = 20, bytes: Int = 0) throws -> NoticeRecord {
      let filler = String(repeating: "x", count: bytes)
      return try TestRecord.of(
        "{\"data\":{\"messageId\":\"\(number)\",\"chatId\":\"chat \(number % chats)\",\"type\":7,"
          + "\"payload\":\"\(filler)\"}}", number: UInt64(number))
    }

    /// What the topic has, once `isWhole` holds.
    func messages(
      _ isWhole: ([MockConsumer.Message]) -> Bool
    ) throws -> [MockConsumer.Message] {
      let consumer = try MockConsumer(
        brokers: cluster.brokers, topic: cluster.topic, partitions: cluster.partitionCount)
      defer { consumer.stop() }
      try eventually("the topic has all", seconds: 120) { isWhole(consumer.messages) }
      return consumer.messages
    }

    func reason(_ outcome: DeliveryOutcome?) -> String {
      switch outcome {
      case .refused(let reason): "refused: \(reason)"
      case .failed(let reason): "failed: \(reason)"
      case .unreachable(let reason): "unreachable: \(reason)"
      default: "\(String(describing: outcome))"
      }
    }

    @Test func `every sample arrives whole, its chat as key, its id and type as headers`() throws {
      let samples = try Samples.names.enumerated().map {
        try TestRecord.of(sample: $1, number: UInt64($0))
      }
      #expect(try destination().outcomes(of: samples).allSatisfy { $0 == .delivered })
      let messages = try messages { $0.count >= samples.count }
      #expect(messages.count == samples.count)
      for record in samples {
        let message = try #require(messages.first { $0.headers["id"] == record.id })
        #expect(message.value == record.line)
        #expect(message.key == record.chatKey)
        let type = record.value(.type)
        #expect(
          message.headers["type"]
            == type.map { Int($0).flatMap(MessageType.init(rawValue:))?.name ?? $0 })
        #expect(Set(message.headers.keys).isSubset(of: ["id", "type"]))
      }
      #expect(messages.contains { $0.headers["type"] == "text" })
    }

    @Test func `a body's form is as the settings say`() throws {
      var settings = KafkaSettings(brokers: cluster.brokers, topic: cluster.topic)
      settings.body = .message
      let record = try TestRecord.of(sample: "voice.json")
      #expect(try KafkaDestination(settings).outcome(of: record) == .delivered)
      #expect(try messages { $0.count == 1 }.first?.value == NoticeMessage(record).bytes)
    }

    @Test func `the brokers are looked for before there is anything to deliver`() throws {
      let receiver = try HTTPReceiver { _ in .ok }
      let destination = try KafkaDestination(
        KafkaSettings(brokers: "127.0.0.1:\(receiver.port)", topic: "notices"))
      try eventually("it connects") {
        _ = destination.wait(milliseconds: 20, wakeUps: [])
        return receiver.connectionCount > 0
      }
    }

    /// The partitions are those of Java's clients; the hashes are those of their own tests (Kafka's UtilsTest, murmur2).
    @Test(arguments: [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
    ])
    func `a chat has the partition that any other client gives it`(chat: String, hash: Int) throws {
      let record = try TestRecord.of(#"{"data":{"messageId":"1","chatId":"\#(chat)"}}"#, number: 1)
      #expect(try destination().outcome(of: record) == .delivered)
      let partition = try messages { $0.count == 1 }.first?.partition
      #expect(partition == (hash & 0x7FFF_FFFF) % cluster.partitionCount)
    }

    /// As the sender does it: a chat has one message under way, and none is given up.
    func drain(
      _ count: Int, chats: Int, by destination: KafkaDestination, each: (Int) throws -> Void
    ) throws -> Int {
      var next = Array(0..<chats)
      var waiting = Array(0..<chats)
      var (delivered, faults) = (0, 0)
      let end = ContinuousClock.now + .seconds(120)
      while delivered < count, ContinuousClock.now < end {
        for chat in waiting where next[chat] < count {
          let ticket = next[chat]
          destination.begin(
            DeliveryAttempt(ticket: ticket, record: try record(ticket, chats: chats, bytes: 200)))
        }
        waiting = []
        for report in destination.wait(milliseconds: 50, wakeUps: []) {
          let chat = report.ticket % chats
          waiting.append(chat)
          if report.outcome == .delivered {
            delivered += 1
            next[chat] += chats
          } else {
            #expect(!reason(report.outcome).hasPrefix("refused"), "\(report.outcome)")
            faults += 1
          }
        }
        try each(delivered)
      }
      #expect(delivered == count)
      return faults
    }

    /// All arrived; of each chat in order, but for what came once more.
    func expectAll(_ count: Int, chats: Int) throws {
      let messages = try messages { Set($0.compactMap { $0.headers["id"] }).count >= count }
      for chat in 0..<chats {
        let numbers = messages.filter { $0.key == "chat \(chat)" }
          .sorted { $0.offset < $1.offset }
          .compactMap { message -> Int? in
            let text = String(decoding: message.value, as: UTF8.self)
            return text.split(separator: "\"messageId\":\"").last
              .flatMap { $0.split(separator: "\"").first }.flatMap { Int($0) }
          }
        var seen = -1
        for number in numbers {
          #expect(number <= seen || number == (seen < 0 ? chat : seen + chats), "chat \(chat)")
          seen = max(seen, number)
        }
        #expect(Set(messages.filter { $0.key == "chat \(chat)" }.map(\.partition)).count == 1)
      }
      print("\(count) records: \(messages.count - count) came once more")
    }

    /// A request is refused that another one follows, on its way already where that may be, which the broker takes.
    @Test(
      arguments: [MockCluster.Fault.notEnoughReplicas, .timedOut, .notLeader], [1, 5])
    func `a broker's answer to one request says nothing of the one before`(
      fault: MockCluster.Fault, requests: Int
    ) throws {
      let destination = try destination([
        "linger.ms": "0", "retry.backoff.ms": "500", "max.in.flight": "\(requests)",
      ])
      #expect(destination.outcome(of: try record(0, chats: 1)) == .delivered)
      cluster.setRoundTrip(milliseconds: 100)
      cluster.failProduce([fault])
      let records = try (1...2).map { try record($0, chats: 1) }
      var (delivered, failed) = (0, 0)
      func wait(_ milliseconds: Int) {
        for report in destination.wait(milliseconds: milliseconds, wakeUps: []) {
          if report.outcome == .delivered {
            delivered += 1
          } else {
            #expect(reason(report.outcome) == "failed: a broker has told of a later message only")
            failed += 1
            let record = records[report.ticket]
            destination.begin(DeliveryAttempt(ticket: report.ticket, record: record))
          }
        }
      }
      for (ticket, record) in records.enumerated() {
        destination.begin(DeliveryAttempt(ticket: ticket, record: record))
        wait(20)
      }
      try eventually("both are delivered") {
        wait(50)
        return delivered == 2
      }
      #expect(requests > 1 || failed == 0)
      #expect(try messages { $0.count >= 3 }.count == 3)
    }

    @Test
    func `broker errors, lost connections and leader changes lose nothing and keep the order`()
      throws
    {
      let destination = try destination(["message.timeout.ms": "5000"])
      var random = SeededGenerator(seed: 3)
      var (turn, next) = (0, 200)
      let all: [MockCluster.Fault] = [
        .notEnoughReplicas, .notLeader, .connectionLost, .timedOut, .connectionLost,
      ]
      _ = try drain(4000, chats: 40, by: destination) { delivered in
        guard delivered >= next else { return }
        next = delivered + 200
        turn += 1
        if turn % 2 == 0 { cluster.moveLeaders(turn) }
        cluster.failProduce(
          (0..<Int.random(in: 1...3, using: &random)).map { _ in all.randomElement(using: &random)!
          })
      }
      #expect(turn > 10)
      try expectAll(4000, chats: 40)
    }

    @Test func `a cluster that is away for a while is unreachable, then gets all in order`() throws
    {
      let destination = try destination(["message.timeout.ms": "1000"])
      var back: ContinuousClock.Instant?
      let faults = try drain(2000, chats: 20, by: destination) { delivered in
        if back == nil, delivered > 500 {
          cluster.setCluster(isUp: false)
          back = ContinuousClock.now + .seconds(3)
        } else if let time = back, time < ContinuousClock.now {
          cluster.setCluster(isUp: true)
        }
      }
      #expect(faults > 0)
      try expectAll(2000, chats: 20)
    }

    @Test func `nobody there is unreachable after the message's time, and says why`() throws {
      cluster.setCluster(isUp: false)
      let destination = try destination(["message.timeout.ms": "5000"])
      let said = reason(destination.outcome(of: try record(0)))
      #expect(said.hasPrefix("unreachable: Local: Message timed out"), "\(said)")
      #expect(said.contains("refused") || said.contains("down"), "\(said)")
      cluster.setCluster(isUp: true)
      try eventually("it is delivered to when it is there") {
        destination.outcome(of: try record(0)) == .delivered
      }
    }
  }
#endif
