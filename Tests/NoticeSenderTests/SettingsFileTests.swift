import Delivery
import Destinations
import Foundation
import Spool
import TestSupport
import Testing

@testable import NoticeSender

struct SettingsFileTests {
  private func parse(
    _ text: String, environment: [String: String] = [:]
  ) throws -> SettingsFile {
    try SettingsFile(parsing: text, file: "sender.yaml", environment: environment)
  }

  @Test func `a file of three destinations is read`() throws {
    let file = try parse(
      """
      spool: /var/spool/notice
      archive: {form: gzip, days: forever}
      destinations:
        platform:
          url: https://chat.jijyun.cn/notice
          method: GET
          body: original
        crm:
          url: https://crm.example.com/hooks/wecom?key=${CRM_KEY}
          body: message
          order: strict
          concurrency: 4
          connect_timeout: 3
          timeout: 20
        database: {url: "sqlite:/var/lib/notice/notices.db"}
      """, environment: ["CRM_KEY": "k$1"])
    #expect(file.spool == "/var/spool/notice")
    #expect(file.archive == ArchiveSettings(form: .gzip, daysMax: nil))
    #expect(file.destinations.map(\.name) == ["platform", "crm", "database"])
    guard case .http(let platform) = file.destinations[0].kind,
      case .http(let crm) = file.destinations[1].kind,
      case .sqlite(let path) = file.destinations[2].kind
    else {
      Issue.record("the kinds are others")
      return
    }
    #expect(platform.method == "GET" && platform.body == .original && !platform.webhookHeaders)
    #expect(crm.url == "https://crm.example.com/hooks/wecom?key=k$1")
    #expect(crm.method == "POST" && crm.body == .message && crm.webhookHeaders)
    #expect(crm.concurrencyMax == 4 && crm.connectTimeoutSeconds == 3 && crm.timeoutSeconds == 20)
    #expect(file.destinations[1].order == .strict)
    #expect(path == "/var/lib/notice/notices.db")
  }

  @Test(arguments: [
    ("", "empty"),
    ("spool: [a\n", "sender.yaml"),
    ("spol: /x", "sender.yaml:1: spol: unknown key; did you mean 'spool'?"),
    ("spool: {a: b}", "sender.yaml:1: spool: expected text"),
    ("destinations: {}", "at least one destination"),
    ("destinations:\n  crm:\n    uri: http://x/", "sender.yaml:3"),
    ("destinations:\n  crm:\n    url: ftp://x/", "sender.yaml:3: destinations.crm.url: 'ftp:'"),
    ("destinations:\n  a b: {url: http://x/}", "sender.yaml:2: destinations.a b: a name has"),
    (
      "destinations:\n  crm:\n    url: http://x/\n    methud: GET",
      "sender.yaml:4: destinations.crm.methud: unknown key; did you mean 'method'?"
    ),
    (
      "destinations:\n  crm:\n    url: http://x/\n    timeout: soon",
      "sender.yaml:4: destinations.crm.timeout: expected a whole number"
    ),
    (
      "destinations:\n  crm:\n    url: http://x/\n    body: whole",
      "expected one of original, record, message"
    ),
    ("spool: ${NO_SUCH_NAME}", "the environment has no NO_SUCH_NAME"),
    ("archive: {days: 0}", "sender.yaml:1: archive.days"),
    ("- a\n- b", "expected a mapping"),
    ("destinations:\n  a: {url: http://x/}\n  a: {url: http://y/}", "sender.yaml"),
  ])
  func `an error names the line, what is wrong and what is right`(text: String, said: String) {
    do {
      _ = try parse(text)
      Issue.record("no error for \(text)")
    } catch {
      #expect("\(error)".contains(said), "\(error)")
    }
  }

  @Test func `a settings file damaged at any byte is read, or is an error that names the file`()
    throws
  {
    let temporary = try TemporaryDirectory()
    let path = "\(temporary.path)/sender.yaml"
    let text = """
      spool: /var/spool/notice
      archive: {form: gzip, days: 30}
      destinations:
        platform: {url: https://chat.jijyun.cn/notice, method: GET, body: original}
        crm:
          url: https://crm.example.com/hooks/wecom?key=${CRM_KEY}
          headers: {X-Tenant: "7"}
          only: {type: [text, image], isSelf: false}
          timeout: 30
        database: {url: "sqlite:/var/lib/notice/notices.db"}

      """
    var errors = 0
    for damaged in Damage.variants(of: Array(text.utf8)) {
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      do {
        _ = try SettingsFile(path: path, environment: ["CRM_KEY": "k"])
      } catch {
        errors += 1
        #expect(!error.reasons.isEmpty)
        for reason in error.reasons { #expect(reason.contains(path), "\(reason)") }
      }
    }
    #expect(errors > 150)
  }
}
