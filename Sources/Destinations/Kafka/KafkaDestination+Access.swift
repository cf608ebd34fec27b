extension KafkaDestination {
  /// How a cluster is found before anything is delivered to it.
  package enum Access: Equatable {
    case ready
    /// It may be made with the first message, as the brokers are set.
    case noTopic
    case fault(String)
  }

  /// Asks the cluster for its topics. Sends no message and makes nothing.
  package static func access(_ settings: KafkaSettings) throws(KafkaSettingsError) -> Access {
    _ = try KafkaDestination(settings)
    do throws(KafkaError) {
      let knows = try connect(settings).knows(topic: settings.topic, milliseconds: 10_000)
      return knows ? .ready : .noTopic
    } catch {
      return .fault("\(error)")
    }
  }
}
