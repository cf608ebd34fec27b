import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import FastCGI

/// Answers that another thread gives, as the one does that brings a batch into the spool.
struct LaterAnswerTests {
  /// Keeps what it is to answer until another thread does.
  private final class Postponed: Sendable {
    private let replies = Monitor<[(method: String?, reply: FastCGIServer.Reply)]>([])
    private let changed = Condition()

    @Sendable func take(_ request: any Request, _ reply: @escaping FastCGIServer.Reply) {
      _ = request.readBody(bytesMax: 1 << 20)
      let method = request.parameter("REQUEST_METHOD")
      replies.withLock { $0.append((method, reply)) }
      changed.broadcast()
    }

    /// Whether there is a request that nobody has answered, or comes within that time.
    func awaitOne(milliseconds: Int64) -> Bool {
      let system = LinuxSystemCalls()
      let end = system.monotonicNanoseconds() + milliseconds * 1_000_000
      repeat {
        if replies.withLock({ !$0.isEmpty }) { return true }
        usleep(1000)
      } while system.monotonicNanoseconds() < end
      return false
    }

    /// The oldest request that nobody has answered.
    func next(_ method: String = "GET") -> FastCGIServer.Reply {
      replies.wait(for: changed) { replies in
        replies.firstIndex { $0.method == method }.map { replies.remove(at: $0).reply }
      }
    }
  }

  private let postponed = Postponed()

  private func server(workers: Int = 2, workersMax: Int = 8) throws -> TestServer {
    try TestServer(
      workers: workers, workersMax: workersMax, lastAcceptMilliseconds: 15_000,
      responder: postponed.take)
  }

  private func send(
    _ client: FastCGIClient, _ method: String = "GET", keep: Bool = true
  ) throws {
    try client.begin(["REQUEST_METHOD": method], keep: keep)
    try client.body([])
  }

  @Test func `a kept connection carries many requests that another thread answers`() throws {
    let server = try server()
    let client = try server.client()
    for number in 0..<200 {
      try send(client)
      let reply = postponed.next()
      // Now while the worker still has it in hand, now after.
      if number % 2 == 0 { usleep(2000) }
      reply(TestServer.plain("answer \(number)"))
      #expect(try client.answer().hasSuffix("answer \(number)"))
    }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a connection that is not to be kept is closed after its answer`() throws {
    let server = try server()
    let client = try server.client()
    try send(client, keep: false)
    postponed.next()(TestServer.plain("last"))
    #expect(try client.answer().hasSuffix("last"))
    #expect(client.endsWithin(milliseconds: 10_000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a peer that leaves before its answer keeps no worker`() throws {
    let server = try server(workers: 1, workersMax: 1)
    var client: FastCGIClient? = try server.client()
    try send(#require(client))
    let reply = postponed.next()
    client = nil
    usleep(50_000)
    reply(TestServer.plain("too late"))
    let next = try server.client()
    try send(next)
    postponed.next()(TestServer.plain("in time"))
    #expect(try next.answer().hasSuffix("in time"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `while stopping, an answer that is owed is given`() throws {
    let server = try server()
    let client = try server.client()
    try send(client)
    let reply = postponed.next()
    server.requestStop()
    usleep(300_000)
    reply(TestServer.plain("after all"))
    #expect(try client.answer().hasSuffix("after all"))
    #expect(client.endsWithin(milliseconds: 10_000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `one worker takes any number of requests that others answer`() throws {
    let server = try server(workers: 1, workersMax: 1)
    let clients = try (0..<50).map { _ in try server.client() }
    for _ in 0..<3 {
      for client in clients { try send(client) }
      // All of them are taken before any is answered.
      let replies = clients.map { _ in postponed.next() }
      for reply in replies { reply(TestServer.plain("in its turn")) }
      for client in clients { #expect(try client.answer().hasSuffix("in its turn")) }
    }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `connections that were answered so are idle, and closed at once when stopping`() throws
  {
    let server = try server(workers: 8)
    let clients = try (0..<7).map { _ in try server.client() }
    for client in clients { try send(client) }
    for _ in clients { postponed.next()(TestServer.plain("idle from now on")) }
    for client in clients { _ = try client.answer() }
    let start = LinuxSystemCalls().monotonicNanoseconds()
    #expect(server.stop()?.isStopped == true)
    #expect(LinuxSystemCalls().monotonicNanoseconds() - start < 10_000_000_000)
  }

  /// A peer that reads nothing: its answers fill the socket until there is no more room.
  @Test
  func
    `who answers for others waits for no peer, and the deaf one gets its answers when it listens`()
    throws
  {
    let server = try server(workers: 2, workersMax: 2)
    let deaf = try server.client()
    let clock = LinuxSystemCalls()
    var longest: Int64 = 0
    var answers = 0
    // Who waits for it all the same is let go.
    let isOver = Monitor(false)
    try WorkerThread(name: "patience") {
      for _ in 0..<2000 {
        if isOver.withLock({ $0 }) { return }
        usleep(100_000)
      }
      shutdown(deaf.descriptor, Int32(SHUT_RDWR))
    }.detach()
    // What does not fit is left until there is room, and no other request of this peer is taken meanwhile.
    var isTaken = true
    while isTaken, answers < 5000 {
      try send(deaf, "DEAF")
      isTaken = postponed.awaitOne(milliseconds: 3000)
      guard isTaken else { break }
      let reply = postponed.next("DEAF")
      let start = clock.monotonicNanoseconds()
      reply(TestServer.plain(String(repeating: "x", count: 60_000) + " \(answers)"))
      longest = max(longest, clock.monotonicNanoseconds() - start)
      answers += 1
    }
    #expect(!isTaken, "the socket takes \(answers) answers and more")
    isOver.withLock { $0 = true }
    #expect(longest < 10_000_000_000)
    // Others are served meanwhile.
    let other = try server.client()
    try send(other)
    postponed.next()(TestServer.plain("heard"))
    #expect(try other.answer().hasSuffix("heard"))
    for number in 0..<answers { #expect(try deaf.answer().hasSuffix(" \(number)")) }
    // The request that was not taken so far.
    postponed.next("DEAF")(TestServer.plain("at last"))
    #expect(try deaf.answer().hasSuffix("at last"))
    #expect(server.stop()?.isStopped == true)
  }
}
