import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import FastCGI

struct WorkersTests {
  @Test func `as many workers as requests are started, up to the limit`() throws {
    let gate = Gate()
    let server = try TestServer(workers: 2, workersMax: 200) { _ in
      gate.pass()
      return TestServer.plain("served")
    }
    let clients = try (0..<200).map { _ in try server.client() }
    for client in clients {
      try client.begin([:], keep: true)
      try client.body([])
    }
    // All of them are inside at the same time, or this never returns.
    gate.await(200)
    gate.open()
    for client in clients { #expect(try client.answer().hasSuffix("served")) }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `one worker serves any number of kept connections`() throws {
    let server = try TestServer(workers: 1, workersMax: 1, silenceSecondsMax: 3600)
    let clients = try (0..<200).map { _ in try server.client() }
    for _ in 0..<3 {
      for client in clients { #expect(try client.request().contains("whole 0")) }
    }
    #expect(!clients.contains { $0.endsWithin(milliseconds: 0) })
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `connections that say nothing hold up nobody`() throws {
    let server = try TestServer(workers: 1, workersMax: 1, silenceSecondsMax: 3600)
    let silent = try (0..<200).map { _ in try server.client() }
    let start = ContinuousClock.now
    for _ in 0..<20 { #expect(try server.client().request().contains("whole 0")) }
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(!silent.contains { $0.endsWithin(milliseconds: 0) })
    #expect(server.stop()?.isStopped == true)
  }

  /// Ten seconds are what an idle connection is left where others want to come.
  @Test func `when there can be no more connections, the one that was idle longest makes room`()
    throws
  {
    let server = try TestServer(connectionsMax: 3, silenceSecondsMax: 3600)
    let clients = try (0..<3).map { _ in try server.client() }
    let start = ContinuousClock.now
    #expect(try clients[0].request().contains("whole 0"))
    // So much longer than the others.
    LinuxSystemCalls().sleep(nanoseconds: 5_000_000_000)
    for client in clients[1...] { #expect(try client.request().contains("whole 0")) }
    #expect(try server.client().request().contains("whole 0"))
    #expect(ContinuousClock.now - start >= .seconds(10))
    #expect(clients[0].endsWithin(milliseconds: 0))
    for client in clients[1...] { #expect(try client.request().contains("whole 0")) }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `requests that are never sent whole take no worker for ever`() throws {
    let server = try TestServer(workers: 2, workersMax: 4, silenceSecondsMax: 3600)
    // One byte each now and then, so that none of them is ever silent for long.
    var slow = try (0..<4).map { _ in try server.client() }
    for client in slow { try client.begin(["CONTENT_LENGTH": "1000"], keep: true) }
    let isOver = Monitor(false)
    let descriptors = slow.map(\.descriptor)
    let trickle = try WorkerThread(name: "trickle") {
      // A record of the body, of one byte.
      let record: [UInt8] = [1, 5, 0, 1, 0, 1, 0, 0, 0x78]
      while !isOver.withLock({ $0 }) {
        for descriptor in descriptors {
          _ = unsafe record.withUnsafeBytes {
            unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
          }
        }
        LinuxSystemCalls().sleep(nanoseconds: 100_000_000)
      }
    }
    #expect(try server.client().request().contains("whole 0"))
    isOver.withLock { $0 = true }
    trickle.join()
    slow = []
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a request in hand is finished and answered while stopping`() throws {
    let gate = Gate()
    let server = try TestServer { _ in
      gate.pass()
      return TestServer.plain("finished")
    }
    let client = try server.client()
    try client.begin([:], keep: true)
    try client.body([])
    gate.await(1)
    server.requestStop()
    gate.open()
    #expect(try client.answer().hasSuffix("finished"))
    #expect(client.endsWithin(milliseconds: 5000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a request that has begun to come is served while stopping`() throws {
    let server = try TestServer()
    let client = try server.client()
    #expect(try client.request().contains("whole 0"))
    try client.record(.begin, [0, 1, 1, 0, 0, 0, 0, 0])
    // Until a worker has read it.
    LinuxSystemCalls().sleep(nanoseconds: 300_000_000)
    server.requestStop()
    try client.record(.parameters, [])
    try client.body([1, 2, 3])
    #expect(try client.answer().contains("whole 3"))
    #expect(client.endsWithin(milliseconds: 5000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `idle kept connections are closed at once when stopping, new ones have a moment`()
    throws
  {
    let server = try TestServer(workers: 8, lastAcceptMilliseconds: 15_000)
    let clients = try (0..<7).map { _ in try server.client() }
    for client in clients { _ = try client.request() }
    let new = try server.client()
    server.requestStop()
    for client in clients { #expect(client.endsWithin(milliseconds: 10_000)) }
    #expect(throws: FastCGIClient.ClientError.self) { try server.client() }
    #expect(try new.request().contains("whole 0"))
    #expect(new.endsWithin(milliseconds: 10_000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `connections that wait in the queue are served while stopping`() throws {
    let gate = Gate()
    let server = try TestServer(workers: 1, workersMax: 1, lastAcceptMilliseconds: 15_000) { _ in
      gate.pass()
      return TestServer.plain("served")
    }
    let clients = try (0..<20).map { _ in try server.client() }
    for client in clients {
      try client.begin([:], keep: true)
      try client.body([])
    }
    gate.await(1)
    server.requestStop()
    gate.open()
    for client in clients { #expect(try client.answer().hasSuffix("served")) }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `while stopping, too, others are served when all workers are held up`() throws {
    let gate = Gate()
    let server = try TestServer(workers: 1, workersMax: 3, lastAcceptMilliseconds: 15_000) {
      request in
      if request.parameter("REQUEST_METHOD") == "HELD" { gate.pass() }
      return TestServer.plain("served")
    }
    let clients = try (0..<3).map { _ in try server.client() }
    server.requestStop()
    try clients[0].begin(["REQUEST_METHOD": "HELD"], keep: true)
    try clients[0].body([])
    gate.await(1)
    for client in clients[1...] { #expect(try client.request().hasSuffix("served")) }
    gate.open()
    #expect(try clients[0].answer().hasSuffix("served"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a request that never ends is left when the time is over`() throws {
    let gate = Gate()
    let server = try TestServer(stopSecondsMax: 0) { _ in
      gate.pass()
      return TestServer.plain("")
    }
    let client = try server.client()
    try client.begin([:], keep: true)
    try client.body([])
    gate.await(1)
    guard case .abandoned = server.stop() else {
      Issue.record("the server did not leave")
      return
    }
    gate.open()
    _ = try client.answer()
    server.join()
  }

  @Test func `under load, whatever was taken is answered, and nothing is taken after the stop`()
    throws
  {
    let taken = Monitor(0)
    let answered = Monitor(0)
    let server = try TestServer(workers: 4, workersMax: 32) { _ in
      taken.withLock { $0 += 1 }
      return TestServer.plain("served")
    }
    let threads = try (0..<24).map { _ in
      try WorkerThread(name: "client") {
        while let client = try? server.client() {
          while (try? client.request(body: [1, 2, 3]))?.hasSuffix("served") == true {
            answered.withLock { $0 += 1 }
          }
        }
      }
    }
    while answered.withLock({ $0 }) < 2000 { LinuxSystemCalls().sleep(nanoseconds: 1_000_000) }
    #expect(server.stop()?.isStopped == true)
    for thread in threads { thread.join() }
    #expect(taken.withLock { $0 } == answered.withLock { $0 })
    #expect(try LinuxSystemCalls().list(server.directory.path) == [])
  }
}
