import Delivery

/// A destination and a stream of messages in simulated time: a month passes as fast as it can be counted.
struct Simulation {
  struct Message: Hashable {
    let number: Int
    let chat: String?
  }

  var queue: DeliveryQueue
  var now: Int64 = 0
  /// What the destination answers.
  var answer: (Message, Int64) -> DeliveryOutcome
  /// How long it takes for that.
  var latencyMilliseconds: Int64 = 10

  private(set) var attempts: [(message: Message, at: Int64)] = []
  private(set) var delivered: [Message] = []
  private(set) var dead: [Message] = []
  private var messages: [Int: Message] = [:]
  private var underWay: [(ticket: Int, ends: Int64)] = []
  private var random: UInt64 = 7

  init(
    order: DeliveryOrder = .chat, concurrency: Int = 8,
    answer: @escaping (Message, Int64) -> DeliveryOutcome
  ) {
    queue = DeliveryQueue(order: order, concurrencyMax: concurrency)
    self.answer = answer
  }

  mutating func add(_ message: Message) {
    messages[queue.add(chat: message.chat)] = message
  }

  /// Lets the time pass until `end`, or until nothing is left to happen.
  mutating func run(until end: Int64) {
    while true {
      var next: Int64?
      starting: while true {
        switch queue.next(now: now) {
        case .attempt(let ticket):
          guard let message = messages[ticket] else { fatalError("an unknown ticket") }
          attempts.append((message, now))
          underWay.append((ticket, now + latencyMilliseconds))
        case .idle(let until):
          next = until
          break starting
        }
      }
      if let ends = underWay.map(\.ends).min() { next = min(next ?? ends, ends) }
      guard let next, next <= end else {
        now = max(now, end)
        return
      }
      now = max(now, next)
      finishDue()
    }
  }

  private mutating func finishDue() {
    let due = underWay.filter { $0.ends <= now }
    underWay.removeAll { $0.ends <= now }
    for attempt in due {
      guard let message = messages[attempt.ticket] else { fatalError("an unknown ticket") }
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      switch queue.finish(attempt.ticket, answer(message, now), now: now, random: random >> 33) {
      case .delivered: delivered.append(message)
      case .dead: dead.append(message)
      case .pending: break
      }
    }
  }

  func attempts(of message: Message) -> [Int64] {
    attempts.filter { $0.message == message }.map(\.at)
  }
}

extension DeliveryOutcome {
  static func status(_ code: Int, retryAfter: Int? = nil) -> DeliveryOutcome {
    (200..<300).contains(code)
      ? .delivered : .answered(status: code, retryAfterSeconds: retryAfter, excerpt: [])
  }
}

let second: Int64 = 1000
let minute = 60 * second
let hour = 60 * minute
let day = 24 * hour
