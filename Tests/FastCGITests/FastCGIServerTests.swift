import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import FastCGI

struct FastCGIServerTests {
  @Test func `a request is answered with what it brought`() throws {
    let server = try TestServer()
    let answer = try server.client().request(["REQUEST_METHOD": "GET"], body: Array("hello".utf8))
    #expect(
      answer == """
        Status: 200 OK\r
        Content-Type: text/plain\r
        Content-Length: 17\r
        Cache-Control: no-store\r
        \r
        GET whole 5 hello
        """)
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a kept connection carries many requests`() throws {
    let server = try TestServer()
    let client = try server.client()
    for size in [0, 1, 8191, 8192, 8193, 65_535, 65_536, 200_000, 1 << 20] {
      let answer = try client.request(body: [UInt8](repeating: 0x61, count: size))
      #expect(answer.contains("whole \(size) "))
    }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a connection that is not to be kept is closed after its answer`() throws {
    let server = try TestServer(silenceSecondsMax: 3600)
    let client = try server.client()
    _ = try client.request(keep: false)
    #expect(client.endsWithin(milliseconds: 1000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a body shorter than announced is cut short, and the connection goes on`() throws {
    let server = try TestServer()
    let client = try server.client()
    #expect(try client.request(body: [1, 2, 3], declared: 10).contains("cut short 3 of 10"))
    #expect(try client.request(body: [0x61]).contains("whole 1 a"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `of a body longer than announced only the announced part is read`() throws {
    let server = try TestServer()
    let client = try server.client()
    #expect(try client.request(body: Array("abc".utf8), declared: 2).hasSuffix("whole 2 ab"))
    #expect(try client.request(body: [0x61]).contains("whole 1 a"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `an aborted body is cut short`() throws {
    let server = try TestServer(silenceSecondsMax: 3600)
    let client = try server.client()
    try client.begin(["CONTENT_LENGTH": "100"], keep: true)
    try client.record(.input, [1, 2, 3, 4])
    try client.record(.abort, [])
    #expect(try client.answer().contains("cut short 4 of 100"))
    #expect(client.endsWithin(milliseconds: 1000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a peer that leaves in the middle of a body is noticed`() throws {
    let seen = Monitor<[RequestBody]>([])
    let server = try TestServer(lastAcceptMilliseconds: 15_000) { request in
      let body = request.readBody(bytesMax: 1000)
      seen.withLock { $0.append(body) }
      return TestServer.plain("")
    }
    do {
      let client = try server.client()
      try client.begin(["CONTENT_LENGTH": "100"], keep: true)
      try client.record(.input, [1, 2, 3, 4])
    }
    #expect(server.stop()?.isStopped == true)
    #expect(seen.withLock { $0 } == [.cutShort([1, 2, 3, 4], expected: 100)])
  }

  @Test func `a body over the limit is read away, its start kept, and the connection goes on`()
    throws
  {
    let server = try TestServer()
    let client = try server.client()
    let body = [UInt8](repeating: 0x61, count: 3 << 20)
    #expect(try client.request(body: body).contains("too large 65536 of \(3 << 20)"))
    #expect(try client.request(body: [0x61]).contains("whole 1 a"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a body that nobody reads does not spoil the next request`() throws {
    let server = try TestServer { TestServer.plain($0.parameter("NUMBER") ?? "") }
    let client = try server.client()
    for number in 1...5 {
      let body = [UInt8](repeating: 0x61, count: 100_000)
      #expect(
        try client.request(["NUMBER": "\(number)"], body: body).hasSuffix("\r\n\r\n\(number)"))
    }
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a request that breaks off among its parameters is none`() throws {
    let answered = Monitor(0)
    let server = try TestServer { _ in
      answered.withLock { $0 += 1 }
      return TestServer.plain("")
    }
    do {
      let client = try server.client()
      try client.record(.begin, [0, 1, 1, 0, 0, 0, 0, 0])
      try client.record(.parameters, [1, 1, 0x41, 0x42])
    }
    #expect(server.stop()?.isStopped == true)
    #expect(answered.withLock { $0 } == 0)
  }

  @Test func `what is not FastCGI is hung up on, and the next caller served`() throws {
    let server = try TestServer()
    let stranger = try server.client()
    try stranger.send(Array("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".utf8))
    #expect(stranger.endsWithin(milliseconds: 5000))
    #expect(try server.client().request().contains("whole 0"))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a silent peer loses its worker`() throws {
    let server = try TestServer(workers: 1, workersMax: 1, silenceSecondsMax: 5)
    let silent = try server.client()
    let halting = try server.client()
    try halting.record(.begin, [0, 1, 1, 0, 0, 0, 0, 0])
    #expect(try server.client().request().contains("whole 0"))
    #expect(silent.endsWithin(milliseconds: 1000))
    #expect(halting.endsWithin(milliseconds: 1000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a peer that falls silent in a body is answered that it is cut short`() throws {
    let server = try TestServer(silenceSecondsMax: 5)
    let client = try server.client()
    try client.begin(["CONTENT_LENGTH": "100"], keep: true)
    try client.record(.input, [1, 2, 3, 4])
    #expect(try client.answer().contains("cut short 4 of 100"))
    #expect(client.endsWithin(milliseconds: 5000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a kept connection without requests ends after a time`() throws {
    let system = FaultySystemCalls()
    let server = try TestServer(silenceSecondsMax: 3600, system: system)
    let client = try server.client()
    for _ in 0..<5 {
      // Each request begins the time anew.
      #expect(try client.request().contains("whole 0"))
      system.advance(seconds: 2000)
      let readings = system.clockReadings
      try eventually("it was looked for silent peers") { system.clockReadings > readings + 3 }
      #expect(!client.endsWithin(milliseconds: 0))
    }
    system.advance(seconds: 3600)
    #expect(client.endsWithin(milliseconds: 5000))
    #expect(server.stop()?.isStopped == true)
  }

  @Test func `a peer that takes no answer loses its worker`() throws {
    let server = try TestServer(workers: 1, workersMax: 1, silenceSecondsMax: 5) { request in
      let isDeaf = request.parameter("REQUEST_METHOD") == "DEAF"
      return TestServer.plain(isDeaf ? String(repeating: "x", count: 8 << 20) : "heard")
    }
    let deaf = try server.client()
    try deaf.begin(["REQUEST_METHOD": "DEAF"], keep: true)
    try deaf.body([])
    #expect(try server.client().request().hasSuffix("heard"))
    withExtendedLifetime(deaf) {}
    #expect(server.stop()?.isStopped == true)
  }
}

extension FastCGIServer.Ending {
  var isStopped: Bool { if case .stopped = self { true } else { false } }
}
