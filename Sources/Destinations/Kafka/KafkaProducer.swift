import Notice

/// A producer as librdkafka makes it: it sends by threads of its own, tries again by itself, and reports what became of each
/// message.
protocol KafkaProducer: AnyObject {
  /// Readable when there is something to take.
  var descriptor: Int32 { get }

  /// Hands `value` over, with the record's chat as its key, by which messages stay in order (without one: any partition), and its
  /// id and type as headers. nil: the record's line. Its report bears `place`. Throws where it is not taken: then there is
  /// no report.
  func produce(_ record: NoticeRecord, _ value: [UInt8]?, place: Int) throws(KafkaError)

  /// The reports there are, without waiting.
  func take() -> KafkaReports

  /// Why the producer is of no use any more; nil: it is.
  var fatalFault: KafkaError? { get }

  /// Whether the cluster has the topic; throws where no broker tells within that time.
  func knows(topic: String, milliseconds: Int) throws(KafkaError) -> Bool
}

/// What a broker has said about messages, or librdkafka in its place.
struct KafkaReports {
  /// Brokers have them.
  var delivered: [Int] = []
  var failed: [(place: Int, error: KafkaError)] = []
}

/// An error of librdkafka or of a broker.
struct KafkaError: Error, Equatable, CustomStringConvertible {
  enum Kind: Equatable {
    /// The message's fault; a broker says so of all messages of a request.
    case message
    /// Not taken now: too much is waiting.
    case queueFull
    /// No answer.
    case unreachable
    /// The cluster's fault.
    case cluster
    /// The producer's end.
    case fatal
  }

  let kind: Kind
  let description: String
}
