import Foundation
import TestSupport
import Testing

/// A whole run with secrets that can be known again: none of them stands in anything that is written for a person or for
/// another program. (Records hold the account's token: they are kept and delivered as they came.)
@Suite(.serialized)
struct SecretsTests {
  private static let keys = ["AccessKeyOne111", "AccessKeyTwo222"]
  private static let token = "AccountToken333"
  private static let signing =
    "whsec_" + Data("SigningSecret-which-is-long-enough".utf8).base64EncodedString()
  private static let secrets =
    keys + [
      token, "UrlUser444", "UrlPass555", "UrlQuery666", "0a1b2c3d-PathSecret777", "HeaderSecret888",
      "EnvSecret999", signing, String(signing.dropFirst(6)), "SigningSecret-which",
      Data("UrlUser444:UrlPass555".utf8).base64EncodedString(),
    ]

  private let deployment: Deployment
  private let receiver: HTTPReceiver
  private var config: String { "\(deployment.path)/sender.yaml" }
  private var metrics: String { "\(deployment.path)/notice.prom" }

  init() throws {
    deployment = try Deployment(keys: Self.keys)
    // It answers with all that it got.
    receiver = try HTTPReceiver { request in
      let body = String(decoding: request.body, as: UTF8.self)
      let echo = "\(request.method) \(request.target) \(request.headers) \(body)"
      if request.target.hasPrefix("/refusing") { return .status(401, body: echo) }
      return body.contains(#""messageId":"poison""#) ? .status(422, body: echo) : .ok
    }
    let authority = "UrlUser444:UrlPass555@127.0.0.1:\(receiver.port)"
    let path = "0a1b2c3d-PathSecret777?key=UrlQuery666"
    try """
    spool: \(deployment.spool)
    metrics: \(metrics)
    destinations:
      poisoned:
        url: http://\(authority)/hook/\(path)&env=${ENV_SECRET}
        body: record
        headers: {X-Secret: HeaderSecret888}
        sign: {secret: "\(Self.signing)"}
      refusing: {url: "http://\(authority)/refusing/\(path)", body: original}
      unreachable: {url: "http://UrlUser444:UrlPass555@127.0.0.1:1/\(path)"}
      command: {command: ["/bin/sh", "-c", "cat >&2; exit 3"]}
      database: {url: "sqlite:\(deployment.database)"}
    """.write(toFile: config, atomically: true, encoding: .utf8)
  }

  private func body(_ id: String) -> [UInt8] {
    Array(
      #"{"data":{"messageId":"\#(id)","chatId":"\#(id)","type":7,"token":"\#(Self.token)"}}"#.utf8)
  }

  /// Everything that a caller can do, right and wrong; returns what was answered.
  private func call() throws -> String {
    let client = HTTPClient(port: deployment.port)
    let key = Self.keys[0]
    var answers = ""
    for (method, target, body) in [
      ("POST", "/notice?key=\(key)", body("one")),
      ("GET", "/notice/\(Self.keys[1])/x", body("two")),
      ("POST", "/notice?key=\(key)", body("poison")), ("PUT", "/notice?key=\(key)", body("put")),
      ("POST", "/notice?key=\(key)", Array("\(Self.token) is no JSON".utf8)),
      ("GET", "/notice?key=\(key)", []), ("POST", "/notice?key=\(key)x", body("wrong")),
      ("POST", "/notice?key=\(key)", Array(#"{"data":{"token":"\#(Self.token)x"}}"#.utf8)),
      ("POST", "/notice?key=\(key)", [UInt8](repeating: 0x20, count: 1_500_000)),
      ("POST", "/notices?key=\(key)", body("elsewhere")),
    ] {
      let answer = try client.send(method, target, body: body)
      answers += "\(answer.status) \(answer.headers) \(answer.text)\n"
      if answer.status == 413 { client.disconnect() }
    }
    // More than nginx takes at all.
    if let answer = try? HTTPClient(port: deployment.port)
      .send("POST", "/notice?key=\(key)", headers: ["X: y"], contentLength: 9_000_000)
    {
      answers += answer.text
    }
    return answers
  }

  @Test func `no key and no token stands in any log, answer, status, figure or reason`() throws {
    let keyFile = "\(deployment.path)/keys"
    try Self.keys.joined(separator: "\n").write(toFile: keyFile, atomically: true, encoding: .utf8)
    let arguments = ["--key-file", keyFile, "--token", Self.token]
    try deployment.startHandler(arguments)
    try deployment.startNginx()
    var said = try call()
    #expect(said.contains("not-json") && said.contains("wrong-token") && said.contains("413"))

    // Without a handler: nginx has something to say, and keeps what has the key.
    deployment.handlers[0].stop(SIGKILL)
    let client = HTTPClient(port: deployment.port)
    #expect(
      try client.send("POST", "/notice?key=\(Self.keys[0])", body: body("rescued")).status == 200)
    #expect(try client.send("GET", "/notice/\(Self.keys[0])").status == 503)
    _ = try deployment.restartHandler(SIGKILL, arguments)

    let sender = try ChildProcess(
      Programs.sender, ["run", "--config", config], environment: ["ENV_SECRET": "EnvSecret999"],
      log: "\(deployment.path)/logs/sender.log")
    var count = 0
    try eventually("there is a dead letter: \(sender.log.suffix(2000))") {
      // A message is given up only when others get through after it has failed.
      count += 1
      _ = try client.send("POST", "/notice?key=\(Self.keys[0])", body: body("later \(count)"))
      return try output(["dead", "list", "poisoned", "--json"]).contains(#""status":422"#)
    }
    try eventually("the others are paused, and the figures are written") {
      let status = try output(["status", "--json"])
      return status.components(separatedBy: "\"paused\"").count > 2
        && FileManager.default.fileExists(atPath: metrics)
    }
    said += try commands()
    sender.signal(SIGHUP)
    #expect(sender.stop() == 0)
    said += try files()
    #expect(said.contains("answered 401") && said.contains("answered 422"))
    #expect(said.contains("messageId"), "what was answered is told")
    for secret in Self.secrets {
      let place = said.range(of: secret)
      #expect(place == nil, "\(secret): \(place.map { said[$0.lowerBound...].prefix(200) } ?? "")")
    }
  }

  private func output(_ arguments: [String]) throws -> String {
    try Programs.run(
      Programs.sender, arguments,
      environment: ["NOTICE_SPOOL": deployment.spool, "ENV_SECRET": "EnvSecret999"]
    ).output
  }

  private func commands() throws -> String {
    var said = ""
    for arguments in [
      ["status"], ["status", "--json"], ["audit", "--config", config],
      ["audit", "--json", "--config", config], ["check", "--config", config], ["doctor"],
      ["dead", "list"], ["dead", "list", "--json"], ["report", "--out", deployment.path],
      ["--help"], ["run", "--help"],
      ["once", "--to", "http://UrlUser444:UrlPass555@/"], ["once", "--to", "UrlQuery666"],
      ["once", "--to", "a b=http://h/?key=UrlQuery666"],
      ["once", "http://UrlUser444:UrlPass555@h/?key=UrlQuery666"],
      ["once", "--to", "http://h/?key=UrlQuery666", "--method", "G T"],
    ] {
      said += "\(arguments[0]): " + (try output(arguments)) + "\n"
    }
    for arguments in [
      ["--check", "--spool", deployment.spool, "--key", Self.keys[0], "--token", Self.token],
      ["--kye=\(Self.keys[0])"], [Self.keys[0]], ["--key", "", "--spool", "x"], ["--help"],
    ] {
      said += try Programs.run(Programs.handler, arguments).output
    }
    return said
  }

  /// Logs, figures and health whole; of letters and quarantine the reasons and answers.
  private func files() throws -> String {
    var said = ""
    for folder in ["logs", "spool/state"] {
      for name in try FileManager.default.contentsOfDirectory(
        atPath: "\(deployment.path)/\(folder)")
      {
        let data = FileManager.default.contents(atPath: "\(deployment.path)/\(folder)/\(name)")
        said += "\(name): " + String(decoding: data ?? Data(), as: UTF8.self) + "\n"
      }
    }
    said += try String(contentsOfFile: metrics, encoding: .utf8)
    said += try String(contentsOfFile: "\(deployment.path)/index.html", encoding: .utf8)
    let letters = FileManager.default.contents(atPath: "\(deployment.spool)/dead/poisoned.ndjson")
    for line in (letters ?? Data()).split(separator: 0x0A) {
      let letter = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
      said += "\(letter["reason"] ?? "") \(letter["answer"] ?? "")\n"
    }
    for entry in try deployment.quarantined() {
      let shown = entry.filter { $0.key != "text" && $0.key != "base64" }
      said += "\(shown)\n"
    }
    // Names of files are seen by whoever may list a directory.
    let all = FileManager.default.enumerator(atPath: deployment.path)
    while let name = all?.nextObject() as? String { said += name + "\n" }
    return said
  }
}
