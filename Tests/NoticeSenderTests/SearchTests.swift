import Foundation
import JSONText
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

struct SearchTests {
  private let fixture: SenderFixture

  init() throws {
    fixture = try SenderFixture()
    try fixture.append(0..<60)
  }

  private func search(
    chat: String? = nil, isOfDead: Bool = false
  ) throws -> [RecordSearch.Hit] {
    var selection = RecordSelection()
    if let chat { try selection.pattern.require(.chat, oneOf: [chat]) }
    var hits: [RecordSearch.Hit] = []
    _ = try RecordSearch(selection: selection, isOfDead: isOfDead)
      .run(fixture.directory, fixture.system) { hits.append($0) }
    return hits
  }

  private func messageIDs(_ hits: [RecordSearch.Hit]) -> [String] {
    hits.compactMap { $0.record.value(.messageId) }
  }

  @Test(arguments: [SegmentArchive.Form.gzip, .plain])
  func `records are found in order wherever they lie, each once`(
    _ form: SegmentArchive.Form
  ) throws {
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)], archive: form))
    #expect(try fixture.files(fixture.directory.archive).count > 3)
    #expect(try messageIDs(search()) == (0..<60).map(String.init))
    let ofChat = stride(from: 2, to: 60, by: 3).map(String.init)
    #expect(try messageIDs(search(chat: "chat 2")) == ofChat)
  }

  @Test func `what was given up is found, also when the archive no longer has it`() throws {
    let receiver = try HTTPReceiver()
    #expect(try fixture.once([fixture.http(receiver)], archive: .plain))
    let records = try fixture.records()
    try fixture.bury(records[3])
    try fixture.bury(records[50])
    #expect(try messageIDs(search(isOfDead: true)) == ["3", "50"])
    #expect(try search().filter { !$0.deadAt.isEmpty }.map(\.deadAt) == [["d0"], ["d0"]])
    let oldest = try #require(try fixture.files(fixture.directory.archive).first)
    try FileManager.default.removeItem(atPath: "\(fixture.directory.archive)/\(oldest)")
    #expect(try Set(messageIDs(search(isOfDead: true))) == ["3", "50"])
  }

  @Test func `what comes in later is found from where the search ended`() throws {
    let search = RecordSearch(selection: RecordSelection(), isOfDead: false)
    let end = try search.run(fixture.directory, fixture.system) { _ in }
    try fixture.append(60..<80)
    var reader = SpoolReader(fixture.directory, from: end, fixture.system)
    var later: [RecordSearch.Hit] = []
    try search.run(&reader) { later.append($0) }
    #expect(messageIDs(later) == (60..<80).map(String.init))
  }

  @Test(arguments: [
    ("text-private.json", "text  "), ("image-first-push.json", "image  "), ("file.json", "file  "),
  ])
  func `a line shows the local time, the id, the type, and who said what`(
    sample: String, type: String
  ) throws {
    let body = try JSONText(validating: Samples.bytes(sample), finding: NoticeKind.bodyPaths)
    let line = NoticeRecord.line(
      for: body, kind: NoticeKind(of: body),
      request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
      receivedAt: 1_800_000_000_000_000_000, random: 7)
    let record = try NoticeRecord(line: line.span.extracting(droppingLast: 1))
    let hit = RecordSearch.Hit(record: record, deadAt: ["crm"])
    let text = RecordLine(hit) { _ in "2027-01-15 16:00:00" }.text
    #expect(text.hasPrefix("2027-01-15 16:00:00  \(record.id)  \(type)"))
    #expect(text.contains(try #require(record.value(.contactName))))
    #expect(text.hasSuffix("  [dead: crm]"))
  }

  @Test func `hostile names and texts stay on their line`() throws {
    let body = try JSONText(
      validating: Array(
        #"{"data":{"messageId":"1","contactName":"a\n\u001b[2Jb","type":7,"payload":{"text":"x\u2028y"}}}"#
          .utf8),
      finding: NoticeKind.bodyPaths)
    let line = NoticeRecord.line(
      for: body, kind: .message,
      request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
      receivedAt: 1_800_000_000_000_000_000, random: 7)
    let record = try NoticeRecord(line: line.span.extracting(droppingLast: 1))
    let text = RecordLine(.init(record: record, deadAt: []), localTime: \.rfc3339).text
    #expect(text.hasSuffix("a  [2Jb: x y"))
  }

  @Test func `times are written as the host's people write them`() {
    let text = LocalTime.text(Timestamp(milliseconds: 1_800_000_000_123))
    #expect(text.wholeMatch(of: /2027-01-1[456] \d\d:\d\d:00/) != nil)
  }
}
