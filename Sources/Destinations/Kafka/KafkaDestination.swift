import Delivery
import Notice

/// Delivers to a Kafka topic by an idempotent producer: the key is the chat, the headers are the record's `id` and its `type`,
/// and `.delivered` means that all in-sync replicas have the message. Where a broker refuses a request for what is in it, its
/// messages go once more, in halves, until the one at fault stands alone. A producer that has failed for good is made
/// anew.
package final class KafkaDestination: Destination {
  package var capacity: Int { settings.inFlightMax }

  private let settings: KafkaSettings
  private var producer: (any KafkaProducer)?
  /// Begun and not handed over.
  private var waiting: [DeliveryAttempt] = []
  /// The first of them was not taken for want of room.
  private var isFull = false
  /// Messages that were refused together: each group goes when nothing else is under way.
  private var suspects: [[DeliveryAttempt]] = []
  private var suspectsUnderWay = false
  private var groupCount = 0
  private var underWay = AttemptPlaces()
  /// Of those under way, what is refused so far.
  private var refused: [(attempt: DeliveryAttempt, error: KafkaError)] = []
  private var reports: [DeliveryReport] = []

  package init(_ settings: KafkaSettings) throws(KafkaSettingsError) {
    try settings.validate()
    try Self.examine(settings)
    self.settings = settings
  }

  package func begin(_ attempt: DeliveryAttempt) {
    waiting.append(attempt)
    // librdkafka collects what comes at once.
    if producer != nil { hand() }
  }

  package func wait(milliseconds: Int, wakeUps: [Int32]) -> [DeliveryReport] {
    let end = Clock.monotonicMilliseconds() + milliseconds
    while true {
      take()
      hand()
      let now = Clock.monotonicMilliseconds()
      if !reports.isEmpty || now >= end { break }
      // What was not taken for want of room is offered again soon.
      let pause = isFull ? min(end - now, 10) : end - now
      let descriptor = producer.map { [$0.descriptor] } ?? []
      let ready = Sleep.wait(milliseconds: pause, readable: wakeUps + descriptor)
      if !ready.isDisjoint(with: wakeUps) {
        take()
        break
      }
    }
    defer { reports.removeAll(keepingCapacity: true) }
    return reports
  }

  // MARK: Sending

  /// Hands over what may go now, as far as it is taken.
  private func hand() {
    if suspects.isEmpty ? waiting.isEmpty || !refused.isEmpty : !underWay.isEmpty { return }
    do throws(KafkaError) {
      let producer = try connected()
      if let group = suspects.popLast() {
        suspectsUnderWay = true
        groupCount = group.count
        for attempt in group { try produce(attempt, by: producer) }
      }
      if !suspectsUnderWay { try handWaiting(to: producer) }
      isFull = false
    } catch {
      if error.kind == .queueFull { isFull = true } else { fail(error) }
    }
  }

  /// What was not taken stays.
  private func handWaiting(to producer: any KafkaProducer) throws(KafkaError) {
    var count = 0
    defer { waiting.removeFirst(count) }
    for attempt in waiting {
      try produce(attempt, by: producer)
      count += 1
    }
  }

  private func connected() throws(KafkaError) -> any KafkaProducer {
    if let producer { return producer }
    let made = try Self.connect(settings)
    producer = made
    return made
  }

  private func produce(
    _ attempt: DeliveryAttempt, by producer: any KafkaProducer
  ) throws(KafkaError) {
    let record = attempt.record
    let message = KafkaMessage(
      key: record.chatKeyBytes, value: settings.body.bytes(of: record), id: record.idBytes,
      type: record.typeName)
    let place = underWay.add(attempt)
    do throws(KafkaError) {
      try producer.produce(message, place: place)
    } catch {
      _ = underWay.remove(at: place)
      // With nothing under way there is no more room to hope for.
      guard error.kind == .message || error.kind == .queueFull && underWay.isEmpty else {
        throw error
      }
      report(attempt, .refused(reason: "\(error)"))
    }
  }

  // MARK: Reports

  private func take() {
    guard let producer else { return }
    for (place, error) in producer.take() {
      guard let attempt = underWay.remove(at: place) else { continue }
      guard let error else {
        report(attempt, .delivered)
        continue
      }
      switch error.kind {
      case .message: refused.append((attempt, error))
      case .unreachable: report(attempt, .unreachable(reason: "\(error)"))
      case .queueFull, .cluster, .fatal: report(attempt, .failed(reason: "\(error)"))
      }
    }
    if let error = producer.fatalFault { return fail(error) }
    if underWay.isEmpty, suspectsUnderWay || !refused.isEmpty { judge() }
  }

  /// What was refused alone is at fault. Of several, each half goes by itself; and one of several goes alone.
  private func judge() {
    let wasAlone = suspectsUnderWay && groupCount == 1
    suspectsUnderWay = false
    defer { refused = [] }
    if wasAlone {
      for (attempt, error) in refused { report(attempt, .refused(reason: "\(error)")) }
    } else if refused.count > 1 {
      let middle = refused.count / 2
      suspects.append(refused[middle...].map(\.attempt))
      suspects.append(refused[..<middle].map(\.attempt))
    } else if !refused.isEmpty {
      suspects.append(refused.map(\.attempt))
    }
  }

  /// Ends the producer, and all that waits.
  private func fail(_ error: KafkaError) {
    producer = nil
    let ended = underWay.all + suspects.joined() + refused.map(\.attempt) + waiting
    underWay = AttemptPlaces()
    suspects = []
    suspectsUnderWay = false
    refused = []
    waiting = []
    isFull = false
    for attempt in ended { report(attempt, .failed(reason: "\(error)")) }
  }

  private func report(_ attempt: DeliveryAttempt, _ outcome: DeliveryOutcome) {
    reports.append(DeliveryReport(ticket: attempt.ticket, outcome: outcome))
  }
}
