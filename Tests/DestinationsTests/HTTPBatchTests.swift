import Delivery
import Glibc
import Gzip
import JSONText
import Notice
import SystemCalls
import TestSupport
import Testing

@testable import Destinations

@Suite(.timeLimit(.minutes(15))) struct HTTPBatchTests {
  func settings(
    _ receiver: HTTPReceiver, recordsMax: Int, body: BodyForm = .original,
    _ change: (inout BatchSettings) -> Void = { _ in }
  ) -> HTTPSettings {
    var settings = HTTPSettings(url: receiver.url, body: body, userAgent: "t")
    var batch = BatchSettings(recordsMax: recordsMax)
    change(&batch)
    settings.batch = batch
    settings.webhookHeaders = true
    return settings
  }

  func records(_ range: Range<Int>) throws -> [NoticeRecord] {
    try range.map { try TestRecord.of("{\"n\":\($0)}", number: UInt64($0)) }
  }

  /// The numbers that a request's NDJSON holds.
  static func numbers(_ body: [UInt8]) -> [Int] {
    body.split(separator: UInt8(ascii: "\n")).compactMap {
      Int(String(decoding: $0.dropFirst(5).dropLast(), as: UTF8.self))
    }
  }

  @Test(arguments: BodyForm.allCases)
  func `records go as lines of one request`(form: BodyForm) throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(settings(receiver, recordsMax: 10, body: form))
    let records = try records(0..<10)
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    #expect(receiver.requestCount == 1)
    let request = try #require(receiver.requests.first)
    #expect(request.headers["content-type"] == "application/x-ndjson")
    #expect(request.headers["content-encoding"] == nil)
    #expect(
      request.body.split(separator: UInt8(ascii: "\n")).map(Array.init)
        == records.map { form.bytes(of: $0) })
    #expect(request.body.last == UInt8(ascii: "\n"))
  }

  @Test(arguments: [1, 2, 10])
  func `records go as one JSON array, compressed`(count: Int) throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(
      settings(receiver, recordsMax: 10, body: .record) {
        $0.format = .array
        $0.gzip = true
      })
    let records = try records(0..<count)
    #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    let request = try #require(receiver.requests.first)
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["content-encoding"] == "gzip")
    let body = try #require(Gunzip.bytes(request.body))
    _ = try JSONText(validating: body, finding: NoticeKind.bodyPaths)
    let lines = records.map { String(decoding: $0.line, as: UTF8.self) }
    #expect(String(decoding: body, as: UTF8.self) == "[\(lines.joined(separator: ","))]")
  }

  @Test func `a megabyte is compressed whole`() throws {
    var generator = SeededGenerator(seed: 7)
    for count in [0, 1, 65_536, 1_000_000] {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(Gunzip.bytes(Deflater.compressed(bytes)) == bytes)
    }
  }

  @Test(arguments: [400, 413, 422], [0, 1, 42, 63])
  func `a batch that is refused is halved down to the record at fault`(status: Int, bad: Int) throws
  {
    let receiver = try HTTPReceiver { request in
      Self.numbers(request.body).contains(bad) ? .status(status, body: "no \(bad)") : .ok
    }
    let destination = try HTTPDestination(settings(receiver, recordsMax: 64))
    let outcomes = destination.outcomes(of: try records(0..<64))
    for (number, outcome) in outcomes.enumerated() {
      #expect(
        outcome
          == (number == bad
            ? .answered(status: status, retryAfterSeconds: nil, excerpt: Array("no \(bad)".utf8))
            : .delivered))
    }
    // Two a level: 64, 32, … 1.
    #expect(receiver.requestCount == 13)
    let taken = receiver.requests.map { Self.numbers($0.body) }.filter { !$0.contains(bad) }
    #expect(taken.flatMap { $0 }.sorted() == (0..<64).filter { $0 != bad })
  }

  @Test func `a batch too large for its receiver is delivered in pieces`() throws {
    let receiver = try HTTPReceiver {
      Self.numbers($0.body).count > 3 ? .status(413) : .ok
    }
    let destination = try HTTPDestination(settings(receiver, recordsMax: 50))
    #expect(destination.outcomes(of: try records(0..<200)).allSatisfy { $0 == .delivered })
  }

  @Test func `a receiver that refuses everything answers for each record once`() throws {
    let receiver = try HTTPReceiver { _ in .status(400) }
    let destination = try HTTPDestination(settings(receiver, recordsMax: 16))
    let refusal = DeliveryOutcome.answered(status: 400, retryAfterSeconds: nil, excerpt: [])
    #expect(destination.outcomes(of: try records(0..<16)).allSatisfy { $0 == refusal })
    #expect(receiver.requestCount == 31)
  }

  @Test(arguments: [401, 404, 429, 500, 503])
  func `any other answer is the outcome of all`(status: Int) throws {
    let receiver = try HTTPReceiver { _ in .status(status, headers: ["Retry-After: 7"]) }
    let destination = try HTTPDestination(settings(receiver, recordsMax: 20))
    let expected = DeliveryOutcome.answered(status: status, retryAfterSeconds: 7, excerpt: [])
    #expect(destination.outcomes(of: try records(0..<20)).allSatisfy { $0 == expected })
    #expect(receiver.requestCount == 1)
  }

  @Test func `no answer is the outcome of all`() throws {
    let receiver = try HTTPReceiver { _ in .silence }
    var settings = settings(receiver, recordsMax: 20)
    settings.timeoutSeconds = 1
    let outcomes = try HTTPDestination(settings).outcomes(of: try records(0..<20))
    #expect(outcomes.allSatisfy { $0 == .unreachable(reason: "no answer within 1 s") })
  }

  @Test func `the same records have the same id in any order, others another`() throws {
    let records = try records(0..<40)
    let id = { (records: [NoticeRecord]) in
      RequestBody.id(of: records.map { DeliveryAttempt(ticket: 0, record: $0) })
    }
    #expect(id(records) == id(records.reversed()))
    #expect(id([records[3]]) == records[3].id)
    let others = records.indices.map { left in
      id(records.indices.filter { $0 != left }.map { records[$0] })
    }
    #expect(Set(others + [id(records)]).count == 41)
    // RFC 9562: 8-4-4-4-12, version 8, variant 10.
    let parts = id(records).split(separator: "-")
    #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
    #expect(parts[2].first == "8")
    #expect("89ab".contains(parts[3].first ?? " "))
  }

  @Test func `a batch is signed as it is sent, with the same id at its retry`() throws {
    let receiver = try HTTPReceiver()
    var settings = settings(receiver, recordsMax: 8) { $0.gzip = true }
    settings.webhookHeaders = false
    settings.signingSecrets = [try WebhookSecret(WebhookSigningTests.first)]
    let destination = try HTTPDestination(settings)
    let records = try records(0..<8)
    for _ in 0..<2 {
      #expect(destination.outcomes(of: records).allSatisfy { $0 == .delivered })
    }
    let verifier = WebhookVerifier(secretBase64: WebhookSigningTests.first)
    for request in receiver.requests {
      #expect(verifier.verdict(request, nowSeconds: Clock.realtimeSeconds()) == .genuine)
    }
    #expect(Set(receiver.requests.map { $0.headers["webhook-id"] }).count == 1)
    #expect(receiver.requestCount == 2)
  }

  @Test func `no more requests are under way than may be, and what waits goes together`() throws {
    let counts = Monitor((now: 0, most: 0))
    let gate = Gate()
    let receiver = try HTTPReceiver { _ in
      counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      gate.pass()
      counts.withLock { $0.now -= 1 }
      return .ok
    }
    var settings = settings(receiver, recordsMax: 100)
    settings.concurrencyMax = 2
    let destination = try HTTPDestination(settings)
    #expect(destination.capacity == 200)
    for (ticket, record) in try records(0..<60).enumerated() {
      destination.begin(DeliveryAttempt(ticket: ticket, record: record))
      #expect(destination.wait(milliseconds: 1, wakeUps: []).isEmpty)
    }
    try eventually("two are under way") {
      #expect(destination.wait(milliseconds: 1, wakeUps: []).isEmpty)
      return counts.withLock { $0.now } == 2
    }
    gate.open()
    var reports: [DeliveryReport] = []
    while reports.count < 60 { reports += destination.wait(milliseconds: 1000, wakeUps: []) }
    #expect(Set(reports.map(\.ticket)) == Set(0..<60))
    #expect(counts.withLock { $0.most } == 2)
    #expect(receiver.requestCount == 3)
  }

  @Test func `a batch lingers for more, and no longer than it may`() throws {
    let receiver = try HTTPReceiver()
    let destination = try HTTPDestination(
      settings(receiver, recordsMax: 100) { $0.lingerMilliseconds = 5000 })
    let start = ContinuousClock.now
    for (ticket, record) in try records(0..<10).enumerated() {
      destination.begin(DeliveryAttempt(ticket: ticket, record: record))
      #expect(destination.wait(milliseconds: 2, wakeUps: []).isEmpty)
    }
    #expect(destination.wait(milliseconds: 30_000, wakeUps: []).count == 10)
    #expect((.milliseconds(4999)..<(.seconds(14))).contains(ContinuousClock.now - start))
    #expect(receiver.requestCount == 1)
  }

  static let faults: [(String, @Sendable (inout BatchSettings) -> Void)] = [
    ("batch records 0", { $0.recordsMax = 0 }),
    ("batch records 10001", { $0.recordsMax = 10_001 }),
    ("batch linger -1", { $0.lingerMilliseconds = -1 }),
    ("batch bytes 0", { $0.bytesMax = 0 }),
  ]

  @Test(arguments: faults.indices)
  func `a batch that could never be sent is refused with its reason`(index: Int) throws {
    let (reason, change) = Self.faults[index]
    let receiver = try HTTPReceiver()
    let error = #expect(throws: HTTPSettingsError.self) {
      _ = try HTTPDestination(settings(receiver, recordsMax: 10, change))
    }
    #expect(error?.description.contains(reason) == true)
  }
}
