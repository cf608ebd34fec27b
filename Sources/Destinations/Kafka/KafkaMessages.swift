import Delivery

/// The messages that a producer is to have, until it has them, and what comes of them. Where a broker refuses a request for what
/// is in it, its messages go once more, in halves, until the one at fault stands alone.
struct KafkaMessages: ~Copyable {
  /// Not handed over yet.
  private var waiting: [DeliveryAttempt] = []
  /// The first of them was not taken for want of room.
  private(set) var lackRoom = false
  /// Messages that were refused together: each group goes when nothing else is under way.
  private var suspects: [[DeliveryAttempt]] = []
  private var suspectsUnderWay = false
  private var groupCount = 0
  /// How many are handed over and not reported.
  private var underWay = 0
  /// Of those that were under way, what is refused so far.
  private var refused: [(attempt: DeliveryAttempt, error: KafkaError)] = []
  private var reports: [DeliveryReport] = []

  mutating func add(_ attempt: consuming DeliveryAttempt) {
    waiting.append(attempt)
  }

  // MARK: On their way

  /// Whether some may be handed over now.
  var mayGo: Bool {
    suspects.isEmpty ? !waiting.isEmpty && refused.isEmpty : underWay == 0
  }

  /// Hands over what may go, as far as it is taken. Throws where the producer takes nothing any more.
  mutating func hand(to producer: any KafkaProducer) throws(KafkaError) {
    var fault: KafkaError?
    if let group = suspects.popLast() {
      suspectsUnderWay = true
      (groupCount, fault) = hand(group[...], to: producer)
      if groupCount < group.count { suspects.append(Array(group[groupCount...])) }
    }
    if !suspectsUnderWay {
      let count: Int
      (count, fault) = hand(waiting[...], to: producer)
      waiting.removeFirst(count)
    }
    if let fault { throw fault }
  }

  /// Returns how many it is rid of, from the first on, and why the next one is not taken where no later try changes that.
  private mutating func hand(
    _ attempts: ArraySlice<DeliveryAttempt>, to producer: any KafkaProducer
  ) -> (count: Int, fault: KafkaError?) {
    lackRoom = false
    var left = attempts
    while !left.isEmpty {
      let (taken, fault) = producer.produce(left)
      underWay += taken
      left = left.dropFirst(taken)
      guard let fault, let next = left.first else { continue }
      // With nothing under way there is no more room to hope for.
      if fault.kind == .message || fault.kind == .queueFull && underWay == 0 {
        report(next, .refused(reason: "\(fault)"))
        left = left.dropFirst()
      } else {
        lackRoom = fault.kind == .queueFull
        return (attempts.count - left.count, lackRoom ? nil : fault)
      }
    }
    return (attempts.count, nil)
  }

  // MARK: Reports

  var haveReports: Bool { !reports.isEmpty }

  mutating func moveReports(to others: inout [DeliveryReport]) { reports.move(to: &others) }

  mutating func take(from producer: any KafkaProducer) {
    producer.take { attempt, error in
      underWay -= 1
      guard let error else { return report(attempt, .delivered) }
      switch error.kind {
      case .message: refused.append((attempt, error))
      case .unreachable: report(attempt, .unreachable(reason: "\(error)"))
      case .queueFull, .cluster, .fatal: report(attempt, .failed(reason: "\(error)"))
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
      for (attempt, error) in refused { report(attempt, .refused(reason: "\(error)")) }
    } else if refused.count > 1 {
      let middle = refused.count / 2
      suspects.append(refused[middle...].map(\.attempt))
      suspects.append(refused[..<middle].map(\.attempt))
    } else if !refused.isEmpty {
      suspects.append(refused.map(\.attempt))
    }
  }

  /// Nothing more comes of any of them, nor of those that the producer had not reported.
  mutating func failAll(_ error: KafkaError, unreported: [DeliveryAttempt]) {
    let all = unreported + refused.map(\.attempt) + suspects.joined() + waiting
    for attempt in all { report(attempt, .failed(reason: "\(error)")) }
    waiting = []
    lackRoom = false
    suspects = []
    suspectsUnderWay = false
    underWay = 0
    refused = []
  }

  private mutating func report(_ attempt: consuming DeliveryAttempt, _ outcome: DeliveryOutcome) {
    reports.append(DeliveryReport(attempt, outcome))
  }
}
