#if Kafka
  import Delivery
  import Foundation
  import Notice
  import TestSupport
  import Testing

  @testable import Destinations

  /// What is refused, and what never can be taken.
  extension KafkaDestinationTests {
    @Test func `a message that is too large is refused and the others arrive`() throws {
      let destination = try destination(["message.max.bytes": "10000"])
      let records = try (0..<50).map { try record($0, bytes: $0 == 17 ? 20_000 : 0) }
      let outcomes = destination.outcomes(of: records)
      #expect(outcomes.indices.filter { outcomes[$0] != .delivered } == [17])
      #expect(reason(outcomes[17]).hasPrefix("refused: Broker: Message size too large"))
      #expect(try messages { $0.count >= 49 }.count == 49)
    }

    @Test func `a request that a broker refuses is halved until the one at fault stands alone`()
      throws
    {
      // One partition, so that one request holds all.
      let destination = try destination(["linger.ms": "300"])
      let records = try (0..<64).map { try record($0, chats: 1) }
      // As the broker would: it refuses a request as long as the one is in it, here the first of each group.
      cluster.failProduce(Array(repeating: .invalidRecord, count: 8))
      let outcomes = destination.outcomes(of: records)
      let refused = outcomes.indices.filter { outcomes[$0] != .delivered }
      #expect(refused.count <= 2, "\(refused.map { reason(outcomes[$0]) })")
      #expect(refused.allSatisfy { reason(outcomes[$0]).hasPrefix("refused: ") })
      let ids = Set(try messages { $0.count >= 64 - refused.count }.map { $0.headers["id"] })
      for (index, record) in records.enumerated() where outcomes[index] == .delivered {
        #expect(ids.contains(record.id))
      }
    }

    @Test(arguments: [MockCluster.Fault.notAuthorized])
    func `what a cluster refuses to everybody is its fault and not a record's`(
      fault: MockCluster.Fault
    ) throws {
      let destination = try destination()
      cluster.failProduce([fault])
      let said = reason(destination.outcome(of: try record(0)))
      #expect(said.hasPrefix("failed: Broker: "), "\(said)")
      cluster.healProduce()
      // The library asks for the topic again after a while.
      try eventually("the cluster takes it") {
        destination.outcome(of: try record(0)) == .delivered
      }
    }

    @Test(arguments: [MockCluster.Fault.staleProducer, .outOfOrder])
    func `a producer that has failed for good is made anew`(fault: MockCluster.Fault) throws {
      let destination = try destination(["message.timeout.ms": "20000"])
      #expect(destination.outcome(of: try record(0)) == .delivered)
      cluster.failProduce(Array(repeating: fault, count: 3))
      let outcomes = destination.outcomes(of: try (1..<40).map { try record($0) })
      cluster.healProduce()
      let again = outcomes.indices.filter { outcomes[$0] != .delivered }
      for index in again {
        #expect(!reason(outcomes[index]).hasPrefix("refused"), "\(reason(outcomes[index]))")
      }
      let rest = destination.outcomes(of: try again.map { try record($0 + 1) } + [record(40)])
      #expect(rest.allSatisfy { $0 == .delivered })
      #expect(Set(try messages { $0.count >= 41 }.map { $0.headers["id"] }).count == 41)
    }

    @Test func `no more is handed over than there is room for, and all of it arrives`() throws {
      cluster.setRoundTrip(milliseconds: 20)
      let destination = try destination(
        ["queue.buffering.max.messages": "10", "linger.ms": "1"], inFlight: 300)
      let outcomes = destination.outcomes(of: try (0..<600).map { try record($0) })
      #expect(outcomes.allSatisfy { $0 == .delivered })
      #expect(try messages { $0.count >= 600 }.count == 600)
    }

    @Test func `one that no room is enough for is refused, and holds up nobody`() throws {
      let destination = try destination([
        "queue.buffering.max.kbytes": "1", "queue.buffering.max.messages": "5",
      ])
      let outcomes = destination.outcomes(
        of: try (0..<9).map { try record($0, bytes: $0 == 4 ? 5000 : 0) })
      #expect(outcomes.indices.filter { outcomes[$0] != .delivered } == [4])
      #expect(reason(outcomes[4]).hasPrefix("refused"))
    }

    @Test func `a look at the cluster makes nothing, and tells what a delivery would`() throws {
      var settings = KafkaSettings(brokers: cluster.brokers, topic: cluster.topic)
      #expect(try KafkaDestination.access(settings) == .ready)
      settings.topic = "another"
      #expect(try KafkaDestination.access(settings) == .noTopic)
      #expect(try KafkaDestination.access(settings) == .noTopic)
      settings.brokers = "127.0.0.1:\(try freePort())"
      settings.userProperties = ["log_level": "2"]
      guard case .fault = try KafkaDestination.access(settings) else {
        Issue.record("a cluster that is not there is not missed")
        return
      }
    }

    @Test(arguments: [
      (["compresion.type": "gzip"], "librdkafka has no setting 'compresion.type'"),
      (["compression.type": "best"], "librdkafka does not take the value of 'compression.type'"),
      (["acks": "1"], "acks cannot be set: it is always all"),
      (["enable.idempotence": "false"], "enable.idempotence cannot be set: it is always on"),
      (["message.timeout.ms": "0"], "message.timeout.ms: expected a number above 0"),
    ])
    func `a setting that librdkafka does not know, or that breaks a promise, is told`(
      properties: [String: String], reason: String
    ) {
      let error = #expect(throws: KafkaSettingsError.self) { try destination(properties) }
      #expect(error?.description.hasPrefix(reason) == true, "\(String(describing: error))")
    }

    @Test func `librdkafka's own settings reach it`() throws {
      let destination = try destination(["compression.type": "zstd", "client.id": "mine"])
      #expect(destination.outcome(of: try record(0, bytes: 5000)) == .delivered)
      // TLS to brokers that speak none.
      let secure = try self.destination(["security.protocol": "ssl", "message.timeout.ms": "5000"])
      let said = reason(secure.outcome(of: try record(1)))
      #expect(said.hasPrefix("unreachable: ") && said.lowercased().contains("ssl"), "\(said)")
    }
  }
#endif
