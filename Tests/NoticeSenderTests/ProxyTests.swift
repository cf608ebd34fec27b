import Foundation
import TestSupport
import Testing

/// Deliveries by way of a proxy that the environment names.
@Suite(.timeLimit(.minutes(15))) struct ProxyTests {
  private let temporary: TemporaryDirectory
  private let sender: SenderProgram

  init() throws {
    temporary = try TemporaryDirectory()
    sender = SenderProgram(in: temporary)
    let path = "\(temporary.path)/in"
    try "{}".write(toFile: path, atomically: false, encoding: .utf8)
    let result = try sender.run(["import", "--spool", spool, path])
    guard result.status == 0 else { throw TestFailure(result.output) }
  }

  private var spool: String { "\(temporary.path)/spool" }

  /// Delivers the one message to `crm`, by what a settings file says of it.
  private func deliver(_ destination: String, _ environment: [String: String]) throws -> Int32 {
    try run("once", destination, environment).status
  }

  private func run(
    _ command: String, _ destination: String, _ environment: [String: String]
  ) throws -> SenderProgram.Result {
    let config = "\(temporary.path)/sender.yaml"
    try "spool: \(spool)\ndestinations: {crm: {\(destination)}}\n"
      .write(toFile: config, atomically: true, encoding: .utf8)
    return try sender.run([command, "--config", config], environment: environment)
  }

  /// Why `crm` gets nothing, and what to do, as the sender has written it down.
  private func health() throws -> (reason: String, advice: String) {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(spool)/state/crm.health"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return (object?["reason"] as? String ?? "", object?["advice"] as? String ?? "")
  }

  @Test func `http goes to the proxy, which is asked for the whole URL`() throws {
    let proxy = try HTTPReceiver()
    let status = try deliver(
      "url: 'http://elsewhere.invalid:8080/hook?a=b'",
      ["http_proxy": "http://me:secret@127.0.0.1:\(proxy.port)"])
    #expect(status == 0)
    #expect(proxy.requests.map(\.method) == ["POST"])
    #expect(proxy.requests.map(\.target) == ["http://elsewhere.invalid:8080/hook?a=b"])
    let credentials = Data("me:secret".utf8).base64EncodedString()
    #expect(proxy.requests.first?.headers["proxy-authorization"] == "Basic \(credentials)")
  }

  @Test(arguments: ["https_proxy", "HTTPS_PROXY", "all_proxy"])
  func `https goes through the proxy, which sees nothing of it`(variable: String) throws {
    let receiver = try TLSReceiver(.signed)
    let port = receiver.port
    let proxy = try HTTPReceiver { _ in .tunnel(port: port) }
    let status = try deliver(
      "url: '\(receiver.url)/delivered', ca_file: '\(receiver.authority)'",
      [variable: "http://127.0.0.1:\(proxy.port)"])
    #expect(status == 0)
    #expect(proxy.requests.map(\.method) == ["CONNECT"])
    #expect(proxy.requests.map(\.target) == ["localhost:\(port)"])
    #expect(proxy.requests.allSatisfy { $0.headers["webhook-id"] == nil })
  }

  @Test(arguments: ["127.0.0.1", "example.com,127.0.0.1", "*"])
  func `a host that no_proxy names gets its messages without the proxy`(exceptions: String) throws {
    let proxy = try HTTPReceiver { _ in .status(502) }
    let receiver = try HTTPReceiver()
    let status = try deliver(
      "url: '\(receiver.url)/hook'",
      ["http_proxy": "http://127.0.0.1:\(proxy.port)", "no_proxy": exceptions])
    #expect(status == 0)
    #expect(receiver.requests.map(\.target) == ["/hook"])
    #expect(proxy.connectionCount == 0)
  }

  /// A CGI program gets it from a header of its caller.
  @Test func `HTTP_PROXY in capitals is no proxy`() throws {
    let proxy = try HTTPReceiver()
    let receiver = try HTTPReceiver()
    #expect(
      try deliver("url: '\(receiver.url)'", ["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)"]) == 0)
    #expect(receiver.requestCount == 1 && proxy.connectionCount == 0)
  }

  @Test func `a proxy that wants credentials is the destination's fault, and is named`() throws {
    let proxy = try HTTPReceiver { _ in .status(407, headers: ["Proxy-Authenticate: Basic"]) }
    let environment = ["https_proxy": "http://127.0.0.1:\(proxy.port)"]
    #expect(try deliver("url: 'https://elsewhere.invalid/hook'", environment) == 111)
    let reason =
      "the proxy 127.0.0.1:\(proxy.port) answered 407 to CONNECT elsewhere.invalid:443: "
      + "give it user and password in https_proxy"
    #expect(try health().reason == reason)
    let check = try run("check", "url: 'https://elsewhere.invalid/hook'", environment)
    #expect(check.status == 111)
    #expect(check.output.contains("failed   crm       \(reason)\n"), "\(check.output)")
    #expect(check.output.contains("→ correct http_proxy, https_proxy or all_proxy"))
  }

  @Test func `a proxy of plain http that wants credentials is the destination's fault`() throws {
    let proxy = try HTTPReceiver { _ in .status(407) }
    let status = try deliver(
      "url: 'http://elsewhere.invalid/hook'", ["http_proxy": "http://127.0.0.1:\(proxy.port)"])
    #expect(status == 111)
    #expect(try health().reason == "answered 407")
    #expect(try health().advice.contains("http_proxy"))
  }

  @Test(arguments: [403, 502, 503])
  func `what a proxy answers instead of connecting is told`(status: Int) throws {
    let proxy = try HTTPReceiver { _ in .status(status) }
    let result = try deliver(
      "url: 'https://elsewhere.invalid/hook'", ["https_proxy": "127.0.0.1:\(proxy.port)"])
    #expect(result == 111)
    #expect(
      try health().reason
        == "the proxy 127.0.0.1:\(proxy.port) answered \(status) to CONNECT elsewhere.invalid:443")
  }

  @Test(arguments: ["http", "https"])
  func `a dead proxy is the destination's fault, and is named`(scheme: String) throws {
    let port = try freePort()
    let environment = ["all_proxy": "http://me:secret@127.0.0.1:\(port)"]
    let url = "url: '\(scheme)://elsewhere.invalid/hook'"
    #expect(try deliver(url, environment) == 111)
    let reason = "connection refused by the proxy 127.0.0.1:\(port)"
    #expect(try health().reason == reason)
    let check = try run("check", url, environment)
    #expect(check.status == 111)
    #expect(check.output.contains("failed   crm       \(reason)\n"), "\(check.output)")
    #expect(!check.output.contains("secret"))
  }

  @Test func `a proxy whose name is not found is told`() throws {
    // A label has 63 letters at most (RFC 1035): no resolver asks anybody for this one.
    let name = "\(String(repeating: "x", count: 64)).invalid"
    #expect(try deliver("url: 'http://127.0.0.1:1/'", ["http_proxy": "http://\(name):1"]) == 111)
    #expect(try health().reason.hasPrefix("name of the proxy not found: "))
    #expect(try health().reason.contains(name))
  }

  @Test func `where a proxy may have kept silent, its variable is named`() throws {
    let proxy = try HTTPReceiver { _ in .silence }
    let status = try deliver(
      "url: 'https://elsewhere.invalid/', connect_timeout: 1",
      ["https_proxy": "http://127.0.0.1:\(proxy.port)"])
    #expect(status == 111)
    #expect(
      try health().reason
        == "no connection to elsewhere.invalid:443 within 1 s (https_proxy is set)")
  }

  @Test func `a refusal by the host itself is not laid on the proxy`() throws {
    let port = try freePort()
    let environment = ["http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"]
    #expect(try deliver("url: 'http://127.0.0.1:\(port)/'", environment) == 111)
    #expect(try health().reason == "connection refused by 127.0.0.1:\(port)")
  }

  @Test func `check says how far it came by way of a proxy`() throws {
    let proxy = try HTTPReceiver()
    let plain = try run(
      "check", "url: 'http://elsewhere.invalid/'", ["http_proxy": "127.0.0.1:\(proxy.port)"])
    #expect(plain.status == 0, "\(plain.output)")
    #expect(
      plain.output.contains(
        "ok       crm       the proxy 127.0.0.1:\(proxy.port) can be connected to, for elsewhere"))
    #expect(proxy.requestCount == 0)
    let receiver = try TLSReceiver(.signed)
    let port = receiver.port
    let tunnel = try HTTPReceiver { _ in .tunnel(port: port) }
    let secure = try run(
      "check", "url: '\(receiver.url)', ca_file: '\(receiver.authority)'",
      ["https_proxy": "127.0.0.1:\(tunnel.port)"])
    #expect(secure.status == 0, "\(secure.output)")
    #expect(secure.output.contains("ok       crm       localhost:\(port) can be connected to\n"))
    #expect(tunnel.requestCount == 1)
  }
}
