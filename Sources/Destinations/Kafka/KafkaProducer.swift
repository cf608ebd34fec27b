/// A producer as librdkafka makes it: it sends by threads of its own, tries again by itself, and reports what became of each
/// message.
protocol KafkaProducer: AnyObject {
  /// Readable when there is something to take.
  var descriptor: Int32 { get }

  /// Hands records over, from the first on, until one is not taken: each with its chat as the key, by which messages stay in
  /// order (without one: any partition), and its id and type as headers. Returns how many were taken, and why the next one was
  /// not.
  func produce(_ attempts: ArraySlice<DeliveryAttempt>) -> (taken: Int, fault: KafkaError?)

  /// Tells what has become of messages since it was called last, without waiting: without an error, brokers have it. To
  /// be told once of each.
  func take(_ report: (consuming DeliveryAttempt, KafkaError?) -> Void)

  /// What was taken and is not told yet.
  var underWay: [DeliveryAttempt] { get }

  /// Why the producer is of no use any more; nil: it is.
  var fatalFault: KafkaError? { get }

  /// Whether the cluster has the topic; throws where no broker tells within that time.
  func knows(topic: String, milliseconds: Int) throws(KafkaError) -> Bool
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
