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
    #expect(shown == "https://example.com")
  }

  @Test(arguments: [
    "s3cr3t", "crm.example.com/hook?key=s3cr3t", "s3cr3t:x", "u:s3cr3t@crm.example.com/hook",
    "http://", "https:///s3cr3t", "https://u:s3cr3t@/x", "sqlite:s3cr3t/", "http://s3cr3t host/",
  ])
  func `an error shows nothing of what may be a secret`(url: String) throws {
    let error = #expect(throws: SettingsError.self) { try DestinationURL(url) }
    #expect(error.map { !$0.description.contains("s3cr3t") } == true)
  }

  @Test func `a secret in the path becomes no part of a name, and tells names apart all the same`()
    throws
  {
    let names = try ["0c6f9c1e-5b1f-4f53", "0c6f9c1e-5b1f-4f54"].map {
      try DestinationURL("https://open.feishu.cn/bot/v2/hook/\($0)").nameDerived
    }
    #expect(names.allSatisfy { $0.hasPrefix("open.feishu.cn-bot-v2-hook-") })
    #expect(names.allSatisfy { !$0.contains("0c6f9c1e") && DestinationSettings.isName($0) })
    #expect(names[0] != names[1])
  }
}
