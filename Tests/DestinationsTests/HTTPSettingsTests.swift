import Testing

@testable import Destinations

@Suite struct HTTPSettingsTests {
  static let changes: [(String, @Sendable (inout HTTPSettings) -> Void)] = [
    ("must begin with http", { $0.url = "ftp://example.com/" }),
    ("must begin with http", { $0.url = "file:///etc/passwd" }),
    ("URL: ", { $0.url = "example.com" }),
    ("URL: ", { $0.url = "" }),
    ("URL: ", { $0.url = "http://" }),
    ("URL: ", { $0.url = "http://example.com:99999/" }),
    ("URL: ", { $0.url = "http://exa mple.com/" }),
    ("NUL", { $0.url = "http://example.com/\0" }),
    ("no HTTP method", { $0.method = "GE T" }),
    ("no HTTP method", { $0.method = "" }),
    ("cannot carry a body", { $0.method = "HEAD" }),
    ("concurrency 0", { $0.concurrencyMax = 0 }),
    ("timeout -1", { $0.timeoutSeconds = -1 }),
    ("connect timeout", { $0.connectTimeoutSeconds = 1_000_000_000 }),
    ("no field name", { $0.headers = [HTTPHeader("A:B", "x")] }),
    ("control character", { $0.headers = [HTTPHeader("A", "x\r\nB: y")] }),
    ("control character", { $0.userAgent = "x\n" }),
    ("by the delivery itself", { $0.headers = [HTTPHeader("Webhook-Id", "x")] }),
    ("by the delivery itself", { $0.headers = [HTTPHeader("Content-Encoding", "gzip")] }),
    ("certificate", { $0.clientKeyFile = "key.pem" }),
  ]

  @Test(arguments: changes.indices)
  func `a setting that could never deliver is refused with its reason`(index: Int) throws {
    var settings = HTTPSettings(url: "http://example.com/", body: .record, userAgent: "t")
    let (reason, change) = Self.changes[index]
    change(&settings)
    let error = #expect(throws: HTTPSettingsError.self) { _ = try HTTPDestination(settings) }
    #expect(error?.description.contains(reason) == true)
  }

  @Test func `an endpoint shows nothing of a URL but host and port`() throws {
    let endpoint = try HTTPEndpoint(url: "https://user:pass@crm.example.com/path?query#part")
    #expect(endpoint.authority == "crm.example.com:443")
    #expect(endpoint.isTLS)
    #expect(try HTTPEndpoint(url: "http://[::1]:81/").authority == "[::1]:81")
  }

  @Test(arguments: [(1, [1]), (15, [15]), (16, [8, 8]), (33, [17, 16])])
  func `two share what is under way where it is much`(max: Int, shares: [Int]) throws {
    var settings = HTTPSettings(url: "http://example.com/", body: .record, userAgent: "test")
    settings.concurrencyMax = max
    #expect(try settings.shares().map(\.concurrencyMax) == shares)
    settings.batch = BatchSettings(recordsMax: 10)
    #expect(try settings.shares() == [settings])
  }

  @Test func `what is refused as a whole is refused before it is shared`() throws {
    var settings = HTTPSettings(url: "http://example.com/", body: .record, userAgent: "test")
    settings.concurrencyMax = 100_000
    #expect(throws: HTTPSettingsError.self) { try settings.shares() }
  }
}
