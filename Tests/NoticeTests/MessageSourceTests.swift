import Notice
import Testing

struct MessageSourceTests {
  @Test(
    arguments: [
      (0, "phone"), (1, "console"), (2, "broadcast"), (3, "auto-reply"), (4, "room-creation"),
      (5, "other-bot"), (6, "api"), (7, "sop"), (8, "api-broadcast"), (9, "tag-sop"), (10, nil),
      (11, "room-relay"), (12, "room-relay"), (13, "session-end"), (14, "scheduled"),
      (15, "ai-reply"),
      (16, nil),
    ] as [(Int, String?)])
  func `a source has the platform's number`(number: Int, name: String?) {
    #expect(MessageSource(rawValue: number)?.name == name)
  }

  @Test(
    arguments: [
      (0, "unknown"), (1, "wechat"), (2, "official-account"), (3, "wecom"), (4, nil),
    ] as [(Int, String?)])
  func `a contact's type has the platform's number`(number: Int, name: String?) {
    #expect(ContactType(rawValue: number)?.name == name)
  }
}
