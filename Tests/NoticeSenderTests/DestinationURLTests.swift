import Testing

@testable import NoticeSender

struct DestinationURLTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080/hook", "127.0.0.1-8080-hook"),
    ("https://crm.example.com/hooks/wecom?key=1", "crm.example.com-hooks-wecom"),
    ("https://user:secret@example.com/", "example.com"),
    ("sqlite:/var/lib/notice/notices.db", "sqlite-notices"),
    ("sqlite:relative.db", "sqlite-relative"),
  ])
  func `a name is made of a URL, without its secrets`(url: String, name: String) throws {
    let made = try DestinationURL(url).nameDerived
    #expect(made == name)
    #expect(DestinationSettings.isName(made))
  }

  @Test func `what is shown of a URL has no secrets`() {
    let shown = DestinationURL.withoutSecrets("https://user:pass@example.com/x?key=hidden")
    #expect(shown == "https://example.com/x?…")
  }
}
