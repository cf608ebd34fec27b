#if Kafka
  import Foundation
  import Notice
  import TestSupport
  import Testing

  /// The whole way into a Kafka that takes only TLS and a password by SASL.
  @Suite(.timeLimit(.minutes(15)))
  struct KafkaTLSTests {
    @Test
    func `a wrong authority, host or password is told and loses nothing, the right ones deliver`()
      throws
    {
      let secure = try SecureMockCluster(user: "sender", password: EngineTrial.password)
      // Signed by somebody else.
      let other = try TLSReceiver(.signed)
      let trial = try EngineTrial()
      func destination(
        host: String = "localhost", authority: String? = nil, protocol: String = "SASL_SSL",
        password: String = "right"
      ) -> String {
        """
        url: kafka://\(host):\(secure.port)/\(secure.cluster.topic)
        settings:
          security.protocol: \(`protocol`)
          ssl.ca.location: \(authority ?? secure.authority)
          sasl.mechanism: PLAIN
          sasl.username: sender
          sasl.password: {file: \(trial.file(password))}
        """
      }
      // How long a delivery that cannot succeed goes on.
      let short = "\n  message.timeout.ms: 10000"
      try trial.expectFault(
        destination(authority: other.authority) + short, ["certificate verify failed"])
      try trial.expectFault(destination(host: "127.0.0.1") + short, ["certificate verify failed"])
      try trial.expectFault(
        destination(password: "wrong") + short,
        ["SASL authentication error: Authentication failed: Invalid username or password"])
      try trial.expectFault(destination(protocol: "PLAINTEXT") + short, ["Disconnected"])

      try trial.expectDelivery(destination())
      let consumer = try MockConsumer(
        brokers: secure.cluster.brokers, topic: secure.cluster.topic,
        partitions: secure.cluster.partitionCount)
      defer { consumer.stop() }
      try eventually("the topic has all") { consumer.messages.count >= trial.messageIDs.count }
      let held = Set(consumer.messages.compactMap { $0.headers["id"] })
      #expect(held == Set(try trial.fixture.records().map(\.id)))
      #expect(consumer.messages.count == held.count)
      try trial.expectNoSecrets()
    }
  }
#endif
