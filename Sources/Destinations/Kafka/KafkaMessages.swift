import Delivery

/// The messages that a producer is to have, from when they are begun to their report. Where a broker refuses a request for what
/// is in it, its messages go once more, in halves, until the one at fault stands alone.
struct KafkaMessages: ~Copyable {
  private let body: BodyForm
  /// All that are begun. The places below, and librdkafka's, are of these.
  private var attempts = AttemptPlaces()
  /// Not handed over yet.
  private var waiting: [Int] = []
  /// The first of them was not taken for want of room.
  private(set) var lackRoom = false
  /// Messages that were refused together: each group goes when nothing else is under way.
  private var suspects: [[Int]] = []
  private var suspectsUnderWay = false
  private var groupCount = 0
  /// How many are handed over and not reported.
  private var underWay = 0
  /// Of those that were under way, what is refused so far.
  private var refused: [(place: Int, error: KafkaError)] = []
  private var reports: [DeliveryReport] = []

  init(body: BodyForm) {
    self.body = body
  }

  mutating func add(_ attempt: DeliveryAttempt) {
    waiting.append(attempts.add(attempt))
  }

  // MARK: On their way

  /// Whether some may be handed over now.
  var mayGo: Bool {
    suspects.isEmpty ? !waiting.isEmpty && refused.isEmpty : underWay == 0
  }

  /// Hands over what may go, as far as it is taken.
  mutating func hand(to producer: any KafkaProducer) throws(KafkaError) {
    if let group = suspects.popLast() {
      suspectsUnderWay = true
      groupCount = try hand(group, to: producer)
      if groupCount < group.count { suspects.append(Array(group[groupCount...])) }
    }
    if !suspectsUnderWay { waiting.removeFirst(try hand(waiting, to: producer)) }
  }

  /// Returns how many were taken, from the first on.
  private mutating func hand(
    _ places: [Int], to producer: any KafkaProducer
  ) throws(KafkaError) -> Int {
    lackRoom = false
    for (count, place) in places.enumerated() {
      guard let record = attempts.record(at: place) else { continue }
      do throws(KafkaError) {
        let value = body == .record ? nil : body.bytes(of: record)
        try producer.produce(record, value, place: place)
        underWay += 1
      } catch {
        // With nothing under way there is no more room to hope for.
        if error.kind == .message || error.kind == .queueFull && underWay == 0 {
          end(place, .refused(reason: "\(error)"))
        } else if error.kind == .queueFull {
          lackRoom = true
          return count
        } else {
          throw error
        }
      }
    }
    return places.count
  }

  // MARK: Reports

  var haveReports: Bool { !reports.isEmpty }

  mutating func takeReports() -> [DeliveryReport] {
    defer { reports.removeAll(keepingCapacity: true) }
    return reports
  }

  mutating func take(from producer: any KafkaProducer) {
    let reported = producer.take()
    underWay -= reported.delivered.count + reported.failed.count
    for place in reported.delivered { end(place, .delivered) }
    for (place, error) in reported.failed {
      switch error.kind {
      case .message: refused.append((place, error))
      case .unreachable: end(place, .unreachable(reason: "\(error)"))
      case .queueFull, .cluster, .fatal: end(place, .failed(reason: "\(error)"))
      }
    }
  }

  /// To be called when reports were taken and the producer goes on. What was refused alone is at fault. Of several, each half
  /// goes by itself; and one of several goes alone.
  mutating func judge() {
    guard underWay == 0, suspectsUnderWay || !refused.isEmpty else { return }
    let wasAlone = suspectsUnderWay && groupCount == 1
    suspectsUnderWay = false
    defer { refused = [] }
    if wasAlone {
      for (place, error) in refused { end(place, .refused(reason: "\(error)")) }
    } else if refused.count > 1 {
      let middle = refused.count / 2
      suspects.append(refused[middle...].map(\.place))
      suspects.append(refused[..<middle].map(\.place))
    } else if !refused.isEmpty {
      suspects.append(refused.map(\.place))
    }
  }

  /// Nothing more comes of any of them.
  mutating func failAll(_ error: KafkaError) {
    for attempt in attempts.all { report(attempt.ticket, .failed(reason: "\(error)")) }
    attempts = AttemptPlaces()
    waiting = []
    lackRoom = false
    suspects = []
    suspectsUnderWay = false
    underWay = 0
    refused = []
  }

  private mutating func end(_ place: Int, _ outcome: DeliveryOutcome) {
    if let ticket = attempts.remove(at: place) { report(ticket, outcome) }
  }

  private mutating func report(_ ticket: Int, _ outcome: DeliveryOutcome) {
    reports.append(DeliveryReport(ticket: ticket, outcome: outcome))
  }
}
