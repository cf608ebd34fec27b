import SystemCalls

/// A real HTTP/1.1 receiver on a free port of the loopback interface. It keeps every request, and answers as it is
/// told, well or badly. It ends, with all its threads, when it is let go of.
package final class HTTPReceiver: Sendable {
  package struct Request: Sendable {
    package let method: String
    /// Path and query as they were sent.
    package let target: String
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]
    /// Counts from 0 over the receiver's connections.
    package let connection: Int
  }

  package enum Answer: Sendable {
    case status(Int, headers: [String] = [], body: String = "")
    /// The answer after this many milliseconds.
    indirect case delayed(milliseconds: Int, Answer)
    /// A status, and then a body that never ends.
    case endlessBody(status: Int)
    /// A status, and then a header that comes a byte at a time and never ends.
    case slowHeader(status: Int)
    /// Ends the connection without a byte.
    case close
    /// Keeps the connection and says nothing.
    case silence
    /// These bytes, and then the connection's end.
    case bytes(String)
    /// 200, as a proxy answers CONNECT, and from then on the way to this port of the loopback interface.
    case tunnel(port: Int)

    package static let ok = Answer.status(200, body: "{}")
  }

  private let server: LoopbackServer
  private let kept = Monitor<[Request]>([])

  /// `answer` is asked once for every request, by the thread of its connection. One that does not listen has its port and
  /// refuses every connection. `keepsRequests`: false where there are too many to keep.
  package init(
    listens: Bool = true, keepsRequests: Bool = true,
    answer: @escaping @Sendable (Request) -> Answer = { _ in .ok }
  ) throws {
    server = try LoopbackServer { [kept] descriptor, number in
      var connection = HTTPReceiverConnection(descriptor: descriptor, number: number)
      while let request = connection.readRequest() {
        if keepsRequests { kept.withLock { $0.append(request) } }
        guard connection.send(answer(request)) else { break }
      }
    }
    if listens { try server.start() }
  }

  deinit { server.end() }

  /// From now on, where it did not at first.
  package func listen() throws { try server.start() }

  package var port: Int { server.port }
  package var url: String { "http://127.0.0.1:\(port)" }
  package var requests: [Request] { kept.withLock { $0 } }
  package var requestCount: Int { kept.withLock { $0.count } }
  package var connectionCount: Int { server.connectionCount }
}
