/// How records are handed to Kafka. ``KafkaDestination`` checks the values when it is made.
package struct KafkaSettings: Sendable, Equatable {
  /// Brokers to ask for the others: `host:port,host:port`.
  package var brokers: String
  package var topic: String
  package var body = BodyForm.record
  /// Messages under way at once.
  package var inFlightMax = 2000
  /// Of librdkafka (its CONFIGURATION.md), by name. May hold secrets.
  package var userProperties: [String: String] = [:]

  package init(brokers: String, topic: String) {
    self.brokers = brokers
    self.topic = topic
  }

  package static let inFlightRange = 1...10_000

  /// Checks what no type checks; names and values of librdkafka's own settings by librdkafka.
  package func validate() throws(KafkaSettingsError) {
    guard Self.inFlightRange.contains(inFlightMax) else {
      throw KafkaSettingsError(
        "in_flight \(inFlightMax): must be from \(Self.inFlightRange.lowerBound) to "
          + "\(Self.inFlightRange.upperBound)")
    }
    guard !topic.isEmpty, topic.utf8.count <= 249, topic != ".", topic != "..",
      topic.utf8.allSatisfy({ byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "._-".utf8.contains(byte)
      })
    else {
      throw KafkaSettingsError(
        "topic '\(topic)': expected at most 249 letters, digits, dots, dashes and underscores")
    }
    for (name, reason) in Self.taken where userProperties[name] != nil {
      throw KafkaSettingsError("\(name) cannot be set: \(reason)")
    }
    if let text = userProperties["message.timeout.ms"] ?? userProperties["delivery.timeout.ms"] {
      guard let milliseconds = Int(text), milliseconds > 0 else {
        throw KafkaSettingsError("message.timeout.ms: expected a number above 0")
      }
    }
  }

  /// Settings that the promises stand on.
  private static let taken = [
    ("bootstrap.servers", "the URL names the brokers"),
    ("metadata.broker.list", "the URL names the brokers"),
    ("enable.idempotence", "it is always on, or a retry could change the order"),
    ("acks", "it is always all, or a broker's failure could lose what was delivered"),
    (
      "request.required.acks",
      "it is always all, or a broker's failure could lose what was delivered"
    ),
    ("delivery.report.only.error", "what is delivered has to be known"),
    ("enable.gapless.guarantee", "the sender itself tries again in order"),
    ("transactional.id", "there are no transactions"),
    ("log.queue", "the log goes to standard error"),
    ("opaque", "it is the sender's"),
  ]

  /// All that librdkafka is told, in this order. What stands before the user's own can be changed by them.
  var properties: [(name: String, value: String)] {
    [
      ("bootstrap.servers", brokers), ("client.id", "notice-sender"),
      // An attempt has its outcome after this time, whatever happens; then it is tried again.
      ("message.timeout.ms", "30000"),
      ("queue.buffering.max.kbytes", "65536"),
      // As Java's clients do it, so that a key has one partition whoever writes it.
      ("partitioner", "murmur2_random"),
      // Records are small and many: this saves most requests. Each waits for the one before of its chat, so a longer
      // pause is longer for all.
      ("linger.ms", "0.3"),
      // Larger requests, and none under way behind one that fails: see ``LibrdkafkaProducer/error(of:)``.
      ("max.in.flight.requests.per.connection", "1"),
    ] + userProperties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + [("enable.idempotence", "true"), ("acks", "all")]
  }
}

/// A setting by which nothing could ever be delivered.
package struct KafkaSettingsError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
