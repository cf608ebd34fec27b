#if PostgreSQL && Kafka
  import Foundation
  import Notice
  import TestSupport
  import Testing

  /// Several hosts deliver into one PostgreSQL and one Kafka: each has its own nginx, handler, spool and sender, and knows
  /// nothing of the others.
  @Suite(.serialized)
  struct SeveralHostsTests {
    private static let isLong = ProcessInfo.processInfo.environment["NOTICE_LONG"] == "1"

    private let database: PostgreSQLServer
    private let cluster: MockCluster
    private let consumer: MockConsumer
    private var destinations: [String] {
      [
        "--to", "database=postgres:\(database.connection)",
        "--to", "stream=kafka://\(cluster.brokers)/\(cluster.topic)",
      ]
    }

    init() throws {
      database = try PostgreSQLServer()
      cluster = try MockCluster()
      consumer = try MockConsumer(
        brokers: cluster.brokers, topic: cluster.topic, partitions: cluster.partitionCount)
    }

    /// A host goes down as in a power cut, and comes back.
    private func restart(_ host: Deployment) throws {
      try host.killNginx()
      host.sender?.stop(SIGKILL)
      _ = try host.restartHandler(SIGKILL)
      try host.startNginx()
      try host.startSender(destinations)
    }

    @Test
    func
      `every acknowledged id is once in PostgreSQL, at least once in Kafka, whichever host is killed`()
      throws
    {
      defer { consumer.stop() }
      let hosts = try (0..<3).map { _ in try Deployment(withRescue: false) }
      for host in hosts {
        try host.startHandler()
        try host.startNginx()
        try host.startSender(destinations)
      }
      let loads = hosts.enumerated().map { number, host in
        LoadClient(
          port: host.port, connections: 4, prefix: "host\(number)", pauseMicroseconds: 3000)
      }
      for round in 0..<(Self.isLong ? 150 : 15) {
        let (host, load) = (hosts[round % 3], loads[round % 3])
        let before = load.answered
        try eventually("requests are answered again") { load.answered > before + 30 }
        switch round % 5 {
        case 0:
          host.sender?.stop(SIGKILL)
          try host.startSender(destinations)
        case 2: cluster.moveLeaders(round)
        case 3 where round % 2 == 1:
          database.kill()
          try database.start()
        default: try restart(host)
        }
      }
      let tallies = loads.map { $0.stop() }
      try expectAll(hosts, tallies)
    }

    private func expectAll(_ hosts: [Deployment], _ tallies: [LoadClient.Tally]) throws {
      for host in hosts {
        host.sender?.stop()
        // A pause after the engine's last fault may outlast one drain.
        try eventually("all of it is delivered") {
          try host.drain(destinations)
          let audit = try Programs.run(
            Programs.sender, ["audit", "--json", "--spool", host.spool] + destinations)
          #expect(audit.status == 0, "\(audit.output)")
          return !audit.output.contains(#/"pending":[1-9]/#)
        }
      }
      let acknowledged = tallies.reduce(into: Set<String>()) { $0.formUnion($1.acknowledged) }
      #expect(acknowledged.count > 300)
      let rows = try database.query("SELECT message_id FROM notices")
      #expect(Set(rows).count == rows.count, "a message has two rows")
      #expect(acknowledged.subtracting(rows).isEmpty)
      let records = try hosts.flatMap { try $0.records() }
      #expect(Set(rows) == Set(records.compactMap { $0.value(.messageId) }))
      #expect(
        try database.query("SELECT id FROM notices").sorted() == records.map(\.id).sorted())

      try eventually("the topic has all") {
        Set(consumer.messages.compactMap { $0.headers["id"] }).isSuperset(of: records.map(\.id))
      }
      let messages = consumer.messages
      expectOrder(messages)
      print(
        "\(acknowledged.count) acknowledged, \(rows.count) rows, \(messages.count) in Kafka,",
        "\(tallies.map(\.unanswered).reduce(0, +)) unanswered")
    }

    /// What one connection sent one after the other stands so in its chat's partition, but for what came once more.
    private func expectOrder(_ messages: [MockConsumer.Message]) {
      var last: [String: Int] = [:]
      var seen: Set<String> = []
      for message in messages.sorted(by: { ($0.partition, $0.offset) < ($1.partition, $1.offset) })
      {
        let text = String(decoding: message.value, as: UTF8.self)
        guard let id = text.firstMatch(of: #/"messageId":"(host\d+-\d+)-(\d+)"/#),
          let number = Int(id.2), seen.insert(message.headers["id"] ?? "").inserted
        else { continue }
        let sender = String(id.1)
        #expect(number > last[sender] ?? -1, "\(sender) \(number)")
        last[sender] = number
      }
      #expect(last.count == 12)
    }
  }
#endif
