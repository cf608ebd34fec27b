import Delivery
import Glibc
import Notice
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct HTTPDestinationTests {
  let receiver: HTTPReceiver
  var settings: HTTPSettings

  init() throws {
    receiver = try HTTPReceiver()
    settings = HTTPSettings(
      url: "\(receiver.url)/hooks/wecom?key=s3cret", body: .record, userAgent: "notice-sender/test")
  }

  @Test(arguments: BodyForm.allCases, ["GET", "POST", "PUT"])
  func `a body arrives whole by every method in every form`(form: BodyForm, method: String) throws {
    var settings = settings
    settings.body = form
    settings.method = method
    let destination = try HTTPDestination(settings)
    let record = try TestRecord.of(sample: "odd-but-valid.json")
    #expect(destination.outcome(of: record) == .delivered)
    let request = try #require(receiver.requests.first)
    #expect(request.method == method)
    #expect(request.target == "/hooks/wecom?key=s3cret")
    #expect(request.body == form.bytes(of: record))
    #expect(request.headers["content-length"] == "\(request.body.count)")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["user-agent"] == "notice-sender/test")
    #expect(request.headers["expect"] == nil)
  }

  @Test func `a body of a megabyte arrives whole and at once`() throws {
    let destination = try HTTPDestination(settings)
    let record = try TestRecord.of("[\"\(String(repeating: "x", count: 1 << 20))\"]")
    #expect(destination.outcome(of: record) == .delivered)
    #expect(receiver.requests.first?.body == record.line)
    #expect(receiver.requests.first?.headers["expect"] == nil)
  }

  @Test func `a retry has the same webhook-id and a timestamp of its own`() throws {
    let destination = try HTTPDestination(settings)
    let first = try TestRecord.of("{}", number: 1)
    let second = try TestRecord.of("{}", number: 2)
    let before = Clock.realtimeSeconds()
    for record in [first, second, first] { #expect(destination.outcome(of: record) == .delivered) }
    let requests = receiver.requests
    #expect(requests.map { $0.headers["webhook-id"] } == [first.id, second.id, first.id])
    for request in requests {
      let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int($0) })
      #expect((before...Clock.realtimeSeconds()).contains(timestamp))
    }
  }

  @Test func `original goes without webhook headers unless they are asked for`() throws {
    let record = try TestRecord.of("{}")
    for asked in [false, true] {
      var settings = HTTPSettings(url: receiver.url, body: .original, userAgent: "t")
      #expect(!settings.webhookHeaders)
      if asked { settings.webhookHeaders = true }
      #expect(try HTTPDestination(settings).outcome(of: record) == .delivered)
      let headers = try #require(receiver.requests.last).headers
      #expect((headers["webhook-id"] != nil) == asked)
      #expect((headers["webhook-timestamp"] != nil) == asked)
    }
  }

  @Test func `headers of the user are sent, and take the place of our own`() throws {
    var settings = settings
    settings.headers = [
      HTTPHeader("Authorization", "Bearer abc"), HTTPHeader("user-agent", "mine"),
      HTTPHeader("X-Empty", ""),
    ]
    #expect(try HTTPDestination(settings).outcome(of: TestRecord.of("{}")) == .delivered)
    let headers = try #require(receiver.requests.first).headers
    #expect(headers["authorization"] == "Bearer abc")
    #expect(headers["user-agent"] == "mine")
    #expect(headers["x-empty"] == "")
    #expect(headers["content-type"] == "application/json")
  }

  @Test func `user and password of the URL become Basic authentication`() throws {
    let settings = HTTPSettings(
      url: "http://user:pass@127.0.0.1:\(receiver.port)/", body: .record, userAgent: "t")
    #expect(try HTTPDestination(settings).outcome(of: TestRecord.of("{}")) == .delivered)
    #expect(receiver.requests.first?.headers["authorization"] == "Basic dXNlcjpwYXNz")
  }

  @Test(arguments: [1, 8, 32])
  func `a thousand deliveries share no more connections than may be under way`(concurrency: Int)
    throws
  {
    var settings = settings
    settings.concurrencyMax = concurrency
    let destination = try HTTPDestination(settings)
    let records = try (0..<1000).map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    #expect(receiver.connectionCount <= concurrency)
    #expect(receiver.requestCount == 1000)
    #expect(Set(receiver.requests.map { $0.headers["webhook-id"] }) == Set(records.map(\.id)))
    let bodies = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.line) })
    for request in receiver.requests {
      #expect(request.body == bodies[request.headers["webhook-id"] ?? ""])
    }
  }

  @Test func `a connection that the receiver closed while idle costs no delivery`() throws {
    let receiver = try HTTPReceiver { request in
      .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    }
    let destination = try HTTPDestination(
      HTTPSettings(url: receiver.url, body: .record, userAgent: "t"))
    for number in 0..<200 {
      let record = try TestRecord.of("{}", number: UInt64(number))
      #expect(destination.outcome(of: record) == .delivered)
    }
    #expect(receiver.requestCount >= 200)
  }

  /// What libcurl times (a connection that is made, say) is mixed with what is begun and ends.
  @Test func `nothing stalls while thousands of connections come and go`() throws {
    let receiver = try HTTPReceiver { _ in
      .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    }
    var settings = HTTPSettings(url: receiver.url, body: .record, userAgent: "t")
    settings.concurrencyMax = 32
    let destination = try HTTPDestination(settings)
    let records = try (0..<3000).map { try TestRecord.of("{}", number: UInt64($0)) }
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
  }

  /// Otherwise the thread that waits would turn in circles until the next delivery.
  @Test func `a kept connection that the receiver closes takes no processor time`() throws {
    let receiver = try HTTPReceiver { _ in
      .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    }
    let destination = try HTTPDestination(
      HTTPSettings(url: receiver.url, body: .record, userAgent: "t"))
    #expect(destination.outcome(of: try TestRecord.of("{}")) == .delivered)
    func processorSeconds() -> Double {
      var time = timespec()
      unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let before = processorSeconds()
    #expect(destination.wait(milliseconds: 1000, wakeUps: []).isEmpty)
    #expect(processorSeconds() - before < 0.2)
  }

  @Test func `waiting ends at its time, and at once when a descriptor is readable`() throws {
    let destination = try HTTPDestination(settings)
    let clock = ContinuousClock()
    let start = clock.now
    #expect(destination.wait(milliseconds: 50, wakeUps: []).isEmpty)
    #expect(clock.now - start >= .milliseconds(49))
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(unsafe write(ends[1], "x", 1) == 1)
    #expect(destination.wait(milliseconds: 30_000, wakeUps: [ends[0]]).isEmpty)
    #expect(clock.now - start < .seconds(10))
  }

  @Test func `letting go of a destination ends what is under way`() throws {
    let receiver = try HTTPReceiver { _ in .silence }
    var destination: HTTPDestination? = try HTTPDestination(
      HTTPSettings(url: receiver.url, body: .record, userAgent: "t"))
    for number in 0..<8 {
      destination?.begin(
        DeliveryAttempt(ticket: number, record: try TestRecord.of("{}", number: UInt64(number))))
    }
    try eventually("all are under way") {
      #expect(destination?.wait(milliseconds: 20, wakeUps: []).isEmpty == true)
      return receiver.requestCount == 8
    }
    weak let gone = destination
    destination = nil
    #expect(gone == nil)
  }
}
