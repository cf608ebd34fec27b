import Foundation
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct ReplayTests {
  private let fixture: SenderFixture
  private let receiver: HTTPReceiver

  init() throws {
    fixture = try SenderFixture()
    receiver = try HTTPReceiver()
    try fixture.append(0..<60)
  }

  private func chat(_ id: String) throws -> RecordSelection {
    var selection = RecordSelection()
    try selection.pattern.require(.chat, oneOf: [id])
    return selection
  }

  private func selection(
    since: Timestamp? = nil, until: Timestamp? = nil, ids: Set<String> = []
  ) -> RecordSelection {
    var selection = RecordSelection()
    selection.since = since
    selection.until = until
    selection.ids = ids
    return selection
  }

  private func replay(
    _ selection: RecordSelection, isDry: Bool = false
  ) throws -> Replay.Outcome {
    try Replay(selection: selection).run(
      to: "d0", in: fixture.directory, isDry: isDry, fixture.system)
  }

  @Test(arguments: [SegmentArchive.Form.gzip, .plain])
  func `a chat comes again, in order, from segments and archive`(_ form: SegmentArchive.Form) throws
  {
    #expect(try fixture.once([fixture.http(receiver)], archive: form))
    #expect(try fixture.files(fixture.directory.archive).count > 3)
    #expect(try replay(chat("chat 1"), isDry: true).count == 20)
    #expect(try fixture.once([fixture.http(receiver)], archive: form))
    #expect(receiver.requestCount == 60)
    #expect(try replay(chat("chat 1")).count == 20)
    #expect(try fixture.once([fixture.http(receiver)], archive: form))
    #expect(
      receiver.messageIDs.suffix(20) == stride(from: 1, to: 60, by: 3).map(String.init)[...])
    let checkpoint = try fixture.checkpoint()
    #expect(checkpoint.counts.delivered == 60 && checkpoint.counts.replayed == 20)
    #expect(try fixture.findings() == [])
  }

  @Test func `records are chosen by time and by id`() throws {
    #expect(try fixture.once([fixture.http(receiver)]))
    let records = try fixture.records()
    let time = try #require(records[30].string(.receivedAt).flatMap { Timestamp(rfc3339: $0) })
    let later = try replay(selection(since: time), isDry: true).count
    let earlier = try replay(selection(until: time), isDry: true).count
    #expect(later + earlier == 60 && later >= 30)
    let outcome = try replay(selection(ids: [records[3].id, "nobody"]))
    #expect(outcome.count == 1)
    #expect(outcome.missing == ["nobody"])
  }

  @Test func `a record that is a dead letter is requeued as such`() throws {
    #expect(try fixture.once([fixture.http(receiver)]))
    let record = try fixture.records()[4]
    try fixture.bury(record)
    #expect(try replay(selection(ids: [record.id])).count == 1)
    #expect(try fixture.deadIDs() == [])
    #expect(try fixture.once([fixture.http(receiver)]))
    let counts = try fixture.checkpoint().counts
    #expect(counts.delivered == 60 && counts.dead == 0 && counts.replayed == 0)
    #expect(try fixture.findings() == [])
  }

  @Test(arguments: [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200)])
  func `a time is read as so long ago`(text: String, seconds: Int64) {
    let now: Int64 = 1_800_000_000_000
    #expect(PointInTime(text, now: now)?.timestamp.milliseconds == now - seconds * 1000)
  }

  @Test func `a time is read as RFC 3339`() {
    let time = PointInTime("2026-11-22T06:48:32Z", now: 0)?.timestamp
    #expect(time?.rfc3339 == "2026-11-22T06:48:32.000Z")
  }

  @Test(arguments: ["", "h", "-1h", "yesterday", "2026-11-22", "1w", "99999999999999999999d"])
  func `what is no time is none`(_ text: String) {
    #expect(PointInTime(text, now: 0) == nil)
  }
}
