import Notice
import Testing

struct MessageTypeTests {
  @Test(arguments: [
    (0, "unknown"), (1, "file"), (2, "voice"), (3, "contact-card"), (4, "chat-history"),
    (5, "emoticon"),
    (6, "image"), (7, "text"), (8, "location"), (9, "mini-program"), (10, "money"),
    (11, "recalled"),
    (12, "link"), (13, "video"), (14, "channel"), (15, "call-record"), (16, "group-solitaire"),
    (9999, "room-invitation"), (10000, "system"), (10001, "wecom-system"),
  ])
  func `a type has the platform's number and a name of its own`(number: Int, name: String) {
    #expect(MessageType(rawValue: number)?.name == name)
    #expect(MessageType(name: name)?.rawValue == number)
  }

  @Test func `no other number has a name`() {
    #expect(MessageType.allCases.count == 20)
    #expect(MessageType(rawValue: 10002) == nil)
    #expect(MessageType(name: "miniProgram") == nil)
  }
}
