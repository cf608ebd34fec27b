import Notice
import TestSupport
import Testing

struct NoticeFilterTests {
  private func pattern(_ conditions: [NoticeFilterField: [String]]) throws -> NoticePattern {
    var pattern = NoticePattern()
    for (field, values) in conditions { try pattern.require(field, oneOf: values) }
    return pattern
  }

  @Test(arguments: [
    ("text-private.json", [NoticeFilterField.type: ["text", "image"]], true),
    ("text-private.json", [.type: ["7"]], true),
    ("text-private.json", [.type: ["voice"]], false),
    ("text-private.json", [.type: ["text"], .isSelf: ["true"]], false),
    ("text-private.json", [.type: ["text"], .isSelf: ["false"]], true),
    ("text-private.json", [.room: ["false"]], true),
    ("text-room-mention.json", [.room: ["true"], .mentionSelf: ["true"]], true),
    ("text-room-mention.json", [.room: ["false"]], false),
    ("unknown-type-10002.json", [.type: ["10002"]], true),
    ("self-console.json", [.source: ["console"]], true),
    ("self-console.json", [.source: ["1"]], true),
    ("self-console.json", [.source: ["api"]], false),
    ("text-private.json", [.source: ["phone"]], false),
    ("text-private.json", [.chat: ["x", "68e7618f9d6d3a463b8dec3d"]], true),
    ("room-second-bot.json", [.bot: ["68d3b986de170dd6eb01982b"]], true),
    ("text-private.json", [.bot: ["68d3b986de170dd6eb01982b"]], false),
    ("text-private.json", [.contact: ["7881300085910772"]], true),
    ("text-private.json", [.contactName: ["李雷"], .contactType: ["wechat"]], true),
    ("flat-organisation.json", [.kind: ["message-flat"], .type: ["text"]], true),
    ("flat-organisation.json", [.isSelf: ["false"]], true),
    ("flat-organisation.json", [.botWxid: ["1688854747775509"]], true),
    ("room-left-event.json", [.kind: ["other"], .room: ["true"]], true),
    ("room-left-event.json", [.type: ["text"]], false),
    ("system-10001.json", [.type: ["wecom-system"], .contact: ["7881300085910772"]], false),
  ])
  func `a record fits a pattern when it meets every condition`(
    sample: String, conditions: [NoticeFilterField: [String]], fits: Bool
  ) throws {
    let record = try RecordOfSample.record(sample: sample)
    let pattern = try pattern(conditions)
    #expect(pattern.fits(record) == fits)
    #expect(NoticeFilter(only: [pattern]).wants(record) == fits)
    #expect(NoticeFilter(except: [pattern]).wants(record) == !fits)
  }

  @Test func `a filter without patterns wants every sample`() throws {
    for name in Samples.names {
      #expect(try NoticeFilter().wants(RecordOfSample.record(sample: name)), "\(name)")
    }
  }

  @Test func `of several patterns one is enough, and an exception counts more`() throws {
    let filter = try NoticeFilter(
      only: [pattern([.type: ["text"]]), pattern([.type: ["voice"]])],
      except: [pattern([.isSelf: ["true"]])])
    #expect(try filter.wants(RecordOfSample.record(sample: "text-private.json")))
    #expect(try filter.wants(RecordOfSample.record(sample: "voice.json")))
    #expect(try !filter.wants(RecordOfSample.record(sample: "file.json")))
    #expect(try !filter.wants(RecordOfSample.record(sample: "self-console.json")))
  }

  @Test(arguments: [
    (#"{"data":{"messageId":"1","isSelf":"true","type":"7"}}"#, true),
    (#"{"data":{"messageId":"1","isSelf":1,"type":7}}"#, true),
    (#"{"data":{"messageId":"1","isSelf":"","type":7}}"#, false),
    (#"{"data":{"messageId":"1","isSelf":null,"type":7}}"#, false),
    (#"{"data":{"messageId":"1","isSelf":0,"type":7}}"#, false),
  ])
  func `a flag is read in every spelling that was seen`(body: String, isSelf: Bool) throws {
    let record = try RecordOfSample.record(body)
    #expect(try pattern([.isSelf: ["\(isSelf)"], .type: ["text"]]).fits(record))
  }

  @Test(arguments: ["11", "12"])
  func `a name that stands for two numbers means both`(source: String) throws {
    let record = try RecordOfSample.record(
      #"{"data":{"messageId":"1","source":\#(source)}}"#)
    #expect(try pattern([.source: ["room-relay"]]).fits(record))
  }

  @Test(arguments: [
    (NoticeFilterField.type, "texts", "text"), (.type, "-1", "text"),
    (.source, "consol", "console"),
    (.isSelf, "yes", "true"), (.room, "R:1", "false"), (.kind, "event", "other"),
    (.contactType, "personal", "wechat"),
  ])
  func `a value that no record can have is an error with the right names`(
    field: NoticeFilterField, value: String, name: String
  ) {
    var pattern = NoticePattern()
    let error = #expect(throws: NoticeFilterError.self) {
      try pattern.require(field, oneOf: [value])
    }
    #expect(error?.value == value)
    #expect(error?.names.contains(name) == true)
  }

  @Test func `every name of a type and a source is taken`() throws {
    for type in MessageType.allCases { _ = try pattern([.type: [type.name]]) }
    for source in MessageSource.allCases { _ = try pattern([.source: [source.name]]) }
  }
}
