import Destinations
import Foundation
import SystemCalls
import TestSupport

@testable import NoticeSender

/// A real HTTP receiver that remembers which message it was asked to take, when by a test's time, and what it answered.
final class ChatReceiver {
  struct Request {
    let number: Int
    let atSeconds: Double
    let isDelivered: Bool
  }

  private final class Memory: Sendable {
    let requests = Monitor<[Request]>([])
  }

  private let memory = Memory()
  private let receiver: HTTPReceiver

  /// `answer` is asked with a message's number and the time.
  init(
    _ system: FaultySystemCalls,
    answer: @escaping @Sendable (Int, Double) -> HTTPReceiver.Answer
  ) throws {
    let memory = memory
    receiver = try HTTPReceiver { request in
      let object = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
      let id = (object?["data"] as? [String: Any])?["messageId"] as? String
      let number = id.flatMap { Int($0) } ?? -1
      let now = Self.seconds(system)
      let answer = answer(number, now)
      var isDelivered = false
      if case .status(200, _, _) = answer { isDelivered = true }
      memory.requests.withLock {
        $0.append(Request(number: number, atSeconds: now, isDelivered: isDelivered))
      }
      return answer
    }
  }

  static func seconds(_ system: FaultySystemCalls) -> Double {
    Double(system.monotonicNanoseconds()) / 1e9
  }

  var settings: DestinationSettings {
    DestinationSettings(
      name: "d0",
      kind: .http(HTTPSettings(url: receiver.url, body: .original, userAgent: "test")))
  }

  var requests: [Request] { memory.requests.withLock { $0 } }
  var requestCount: Int { memory.requests.withLock { $0.count } }
  var deliveredCount: Int { memory.requests.withLock { $0.count(where: \.isDelivered) } }
  /// The numbers of those that it took, in the order they came.
  var delivered: [Int] { requests.filter(\.isDelivered).map(\.number) }

  func requests(of number: Int) -> [Request] { requests.filter { $0.number == number } }
}
