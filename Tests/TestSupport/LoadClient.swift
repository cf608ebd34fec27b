import Foundation

/// Sends notices with ids of their own on many connections at once until it is stopped, and remembers which were
/// answered with what.
package final class LoadClient: @unchecked Sendable {
  package struct Tally {
    /// The message ids that were answered 200.
    package var acknowledged: Set<String> = []
    /// How often each other status came.
    package var refused: [Int: Int] = [:]
    /// Requests that got no answer.
    package var unanswered = 0
  }

  private let lock = NSLock()
  private var tally = Tally()
  private var isStopping = false
  private var threads: [Thread] = []
  private let group = DispatchGroup()

  /// `count`: requests on each connection; nil: until stopped.
  package init(
    port: Int, connections: Int, target: String = "/notice", prefix: String = "load",
    count: Int? = nil, pauseMicroseconds: UInt32 = 0
  ) {
    for connection in 0..<connections {
      group.enter()
      let thread = Thread { [self] in
        defer { group.leave() }
        let client = HTTPClient(port: port)
        var number = 0
        while !stopping, number < count ?? .max {
          let id = "\(prefix)-\(connection)-\(number)"
          number += 1
          let outcome = Result {
            try client.send(
              number % 2 == 0 ? "GET" : "POST", target,
              body: Self.body(id: id, chat: "chat-\(connection)"))
          }
          note(id, outcome)
          if pauseMicroseconds > 0 { usleep(pauseMicroseconds) }
        }
      }
      thread.stackSize = 1 << 19
      threads.append(thread)
    }
    for thread in threads { thread.start() }
  }

  package static func body(id: String, chat: String) -> [UInt8] {
    Array(
      """
      {"data": {"messageId": "\(id)", "chatId": "\(chat)", "type": 7,
        "payload": {"text": "你好 \(id)", "pureText": "你好"}, "timestamp": 1762489591000,
        "token": "sample-token-0000", "botId": "68d3b986de170dd6eb01982a", "isSelf": false}}
      """.utf8)
  }

  package var answered: Int { lock.withLock { tally.acknowledged.count } }

  /// Waits until every connection has come to its end.
  @discardableResult
  package func wait() -> Tally {
    group.wait()
    return lock.withLock { tally }
  }

  @discardableResult
  package func stop() -> Tally {
    lock.withLock { isStopping = true }
    return wait()
  }

  private var stopping: Bool { lock.withLock { isStopping } }

  private func note(_ id: String, _ outcome: Result<HTTPClient.Answer, any Error>) {
    lock.withLock {
      switch outcome {
      case .success(let answer) where answer.status == 200: tally.acknowledged.insert(id)
      case .success(let answer): tally.refused[answer.status, default: 0] += 1
      case .failure:
        tally.unanswered += 1
      }
    }
    if case .failure = outcome { usleep(2000) }
  }
}
