import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// The clock is set, forwards or backwards by hours, while handlers and sender work or between two of their runs.
struct ClockTests {
  private let fixture: SenderFixture
  private let system = FaultySystemCalls()

  init() throws { fixture = try SenderFixture(segmentBytesMax: 64 << 20) }

  private func append(_ number: Int, by writer: SpoolWriter) throws {
    let body = try JSONText(
      validating: LoadClient.body(id: "\(number)", chat: "chat"), finding: NoticeKind.bodyPaths)
    try writer.append(
      NoticeRecord.line(
        for: body, kind: .message,
        request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
        receivedAt: system.realtimeNanoseconds(), random: system.random()))
  }

  private func once(_ receiver: HTTPReceiver) throws -> Bool {
    try Supervisor(
      SenderSettings(
        spool: fixture.directory.path, destinations: [fixture.http(receiver)],
        archive: ArchiveSettings(form: .gzip, daysMax: 30)),
      mode: .once, system
    ).run()
  }

  @Test func `whatever the clock says, segments follow each other and a chat stays in order`()
    throws
  {
    let writer = SpoolWriter(fixture.directory, SpoolSettings(), system)
    let receiver = try HTTPReceiver()
    let hours = [0, 5, -7, -7, 300, 0, -20]
    for (number, hour) in hours.enumerated() {
      system.setClock(secondsAhead: hour * 3600)
      try append(2 * number, by: writer)
      try append(2 * number + 1, by: writer)
      if number % 3 == 2 { #expect(try once(receiver)) }
    }
    let names = try fixture.files(fixture.directory.segments).compactMap { SegmentName($0) }
    // Set on by more than an hour, or back by more than a day, each begins another; the archive has those that are done.
    let archived = try fixture.files(fixture.directory.archive).compactMap { SegmentName($0) }
    #expect((archived + names).map(\.number) == Array(1...4))
    #expect(try once(receiver))
    #expect(receiver.messageIDs == (0..<2 * hours.count).map(String.init))
    #expect(try fixture.findings() == [])
  }

  @Test(arguments: [-6, 6])
  func `a message that failed does not wait for the clock to come round`(hours: Int) throws {
    let writer = SpoolWriter(fixture.directory, SpoolSettings(), system)
    let receiver = try HTTPReceiver { _ in .status(500) }
    try append(1, by: writer)
    #expect(try !once(receiver))
    let before = try #require(try fixture.checkpoint().unsettled.first)
    #expect(before.failures == 1)

    system.setClock(secondsAhead: hours * 3600)
    #expect(try !once(receiver))
    let checkpoint = try fixture.checkpoint()
    let after = try #require(checkpoint.unsettled.first)
    let wait = try #require(after.nextAttemptAt).milliseconds - checkpoint.updatedAt.milliseconds
    // Set forwards, it is due at once and has failed again.
    #expect(after.failures == (hours > 0 ? 2 : 1))
    #expect((0...36_000).contains(wait))
    let age = checkpoint.updatedAt.milliseconds - (try #require(after.firstFailureAt).milliseconds)
    #expect(age >= 0)
  }

  @Test func `a clock that is set back takes nothing from the archive`() throws {
    let writer = SpoolWriter(fixture.directory, SpoolSettings(), system)
    let receiver = try HTTPReceiver()
    try append(1, by: writer)
    system.setClock(secondsAhead: 5 * 3600)
    try append(2, by: writer)
    #expect(try once(receiver))
    #expect(try fixture.files(fixture.directory.archive).count == 1)
    system.setClock(secondsAhead: -40 * 86400)
    #expect(try once(receiver))
    #expect(try fixture.files(fixture.directory.archive).count == 1)
  }
}
