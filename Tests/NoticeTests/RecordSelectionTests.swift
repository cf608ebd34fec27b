import JSONText
import TestSupport
import Testing

@testable import Notice

struct RecordSelectionTests {
  private func record(_ body: String, at milliseconds: Int64 = 1_800_000_000_000) throws
    -> NoticeRecord
  {
    let text = try JSONText(validating: Array(body.utf8), finding: NoticeKind.bodyPaths)
    let line = NoticeRecord.line(
      for: text, kind: NoticeKind(of: text),
      request: ReceivedRequest(remote: "", method: "GET", path: "/notice"),
      receivedAt: milliseconds * 1_000_000, random: 7)
    return try NoticeRecord(line: line.span.extracting(droppingLast: 1))
  }

  private static let inRoom = #"""
    {"data":{"messageId":"1","chatId":"c","contactId":"w1","contactName":"Anna 张","roomId":"r1",
    "roomTopic":"研发 Team","botId":"b","type":7,"payload":{"text":"Hello \u4f60好","mention":[],"quoteMessage":{"content":"deep \"quoted\""}}}}
    """#

  private static func selection(
    contact: String? = nil, room: String? = nil, text: String? = nil, types: [String] = [],
    chat: String? = nil, ids: Set<String> = [], since: Int64? = nil, until: Int64? = nil
  ) -> RecordSelection {
    var selection = RecordSelection()
    selection.contact = contact
    selection.room = room
    selection.text = text
    selection.ids = ids
    selection.since = since.map(Timestamp.init(milliseconds:))
    selection.until = until.map(Timestamp.init(milliseconds:))
    if !types.isEmpty { try? selection.pattern.require(.type, oneOf: types) }
    if let chat { try? selection.pattern.require(.chat, oneOf: [chat]) }
    return selection
  }

  @Test(arguments: [
    (selection(contact: "w1"), true), (selection(contact: "anna"), true),
    (selection(contact: "w"), false), (selection(room: "r1"), true),
    (selection(room: "研发"), true), (selection(room: "Sales"), false),
    (selection(text: "hello 你"), true), (selection(text: #"deep "Q"#), true),
    (selection(text: "mention"), false), (selection(text: "Anna"), false),
    (selection(types: ["image", "text"]), true), (selection(types: ["image"]), false),
    (selection(chat: "c"), true), (selection(ids: ["nobody"]), false),
    (selection(since: 1_800_000_000_000), true), (selection(since: 1_800_000_000_001), false),
    (selection(until: 1_800_000_000_000), false), (selection(contact: "Bob", room: "r1"), false),
  ])
  func `a record fits when it fits everything that is given`(
    selection: RecordSelection, isFit: Bool
  ) throws {
    #expect(try selection.fits(record(Self.inRoom)) == isFit)
  }

  @Test func `an event that is no message is found by its text, and not by a chat`() throws {
    let event = try record(#"{"event":"入群","who":{"name":"Li"}}"#)
    var selection = RecordSelection()
    #expect(selection.fits(event))
    selection.text = "li"
    #expect(selection.fits(event))
    selection.room = "r1"
    #expect(!selection.fits(event))
  }
}
