package import Delivery

/// A destination and a stream of messages in simulated time: a month passes as fast as it can be counted.
package struct Simulation: ~Copyable {
  package struct Message: Hashable, Sendable {
    package let number: Int
    package let chat: String?

    package init(number: Int, chat: String?) {
      self.number = number
      self.chat = chat
    }
  }

  package private(set) var queue: DeliveryQueue
  package private(set) var now: Int64 = 0
  /// What the destination answers.
  private let answer: (Message, Int64) -> DeliveryOutcome
  /// How long it takes for that.
  private let latencyMilliseconds: Int64

  package private(set) var attempts: [(message: Message, at: Int64)] = []
  package private(set) var delivered: [Message] = []
  package private(set) var dead: [Message] = []
  /// When the destination was paused while it was open.
  package private(set) var pausedAt: [Int64] = []
  private var messages: [Int: Message] = [:]
  private var underWay: [(ticket: Int, ends: Int64)] = []
  private var random: UInt64 = 7

  package init(
    order: DeliveryOrder = .chat, concurrency: Int = 8, latencyMilliseconds: Int64 = 10,
    answer: @escaping (Message, Int64) -> DeliveryOutcome
  ) {
    queue = DeliveryQueue(order: order, concurrencyMax: concurrency)
    self.answer = answer
    self.latencyMilliseconds = latencyMilliseconds
  }

  package mutating func add(_ message: Message) {
    messages[queue.add(chat: message.chat.map { ChatKey(stringLiteral: $0) })] = message
  }

  /// Lets the time pass until `end`, or until nothing is left to happen.
  package mutating func run(until end: Int64) {
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
      let wasOpen = queue.health.state == .open
      switch queue.finish(attempt.ticket, answer(message, now), now: now, random: random >> 33) {
      case .delivered: delivered.append(message)
      case .dead: dead.append(message)
      case .pending: break
      }
      if wasOpen, queue.health.state != .open { pausedAt.append(now) }
    }
  }

  package func attempts(of message: Message) -> [Int64] {
    attempts.filter { $0.message == message }.map(\.at)
  }
}

extension DeliveryOutcome {
  package static func status(_ code: Int, retryAfter: Int? = nil) -> DeliveryOutcome {
    (200..<300).contains(code)
      ? .delivered : .answered(status: code, retryAfterSeconds: retryAfter, excerpt: [])
  }
}

package let second: Int64 = 1000
package let minute: Int64 = 60 * second
package let hour: Int64 = 60 * minute
package let day: Int64 = 24 * hour
