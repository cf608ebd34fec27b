import Delivery

/// Delivers to a Kafka topic by an idempotent producer: the key is the chat, the headers are the record's `id` and its `type`,
/// and `.delivered` means that all in-sync replicas have the message. What becomes of one that is refused is
/// ``KafkaMessages``' to decide. A producer that has failed for good is made anew.
package final class KafkaDestination: Destination {
  package var capacity: Int { settings.inFlightMax }

  /// How a producer is made.
  typealias Connecting = (KafkaSettings) throws(KafkaError) -> any KafkaProducer

  private let settings: KafkaSettings
  private let connecting: Connecting
  private var producer: (any KafkaProducer)?
  private var messages = KafkaMessages()

  package convenience init(_ settings: KafkaSettings) throws(KafkaSettingsError) {
    try settings.validate()
    try Self.examine(settings)
    self.init(settings, connecting: Self.connect)
  }

  init(_ settings: KafkaSettings, connecting: @escaping Connecting) {
    self.settings = settings
    self.connecting = connecting
  }

  package func begin(_ attempt: consuming DeliveryAttempt) {
    messages.add(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    let end = Clock.monotonicMilliseconds() + milliseconds
    while true {
      take()
      hand()
      let now = Clock.monotonicMilliseconds()
      if messages.haveReports || now >= end { break }
      // What was not taken for want of room is offered again soon.
      let pause = messages.lackRoom ? min(end - now, 10) : end - now
      let descriptor = producer.map { [$0.descriptor] } ?? []
      let ready = Sleep.wait(milliseconds: pause, readable: wakeUps + descriptor)
      if !ready.isDisjoint(with: wakeUps) {
        take()
        break
      }
    }
    messages.moveReports(to: &reports)
  }

  private func take() {
    guard let producer else { return }
    messages.take(from: producer)
    if let error = producer.fatalFault { return fail(error) }
    messages.judge()
  }

  /// Connects even where nothing may go yet, so that what comes need not wait for it.
  private func hand() {
    do throws(KafkaError) {
      let producer = try connected()
      if messages.mayGo { try messages.hand(to: producer) }
    } catch {
      fail(error)
    }
  }

  private func connected() throws(KafkaError) -> any KafkaProducer {
    if let producer { return producer }
    let made = try connecting(settings)
    producer = made
    return made
  }

  /// Ends the producer, and all that was begun.
  private func fail(_ error: KafkaError) {
    let unreported = producer?.underWay ?? []
    producer = nil
    messages.failAll(error, unreported: unreported)
  }
}
