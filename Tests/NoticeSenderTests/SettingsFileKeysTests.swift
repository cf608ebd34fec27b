import Delivery
import Destinations
import Foundation
import Notice
import Spool
import TestSupport
import Testing

@testable import NoticeSender

/// What the keys of a settings file mean, and what is said of those that are wrong.
struct SettingsFileKeysTests {
  private func destination(
    _ text: String, environment: [String: String] = [:]
  ) throws -> DestinationSettings {
    let indented = text.split(separator: "\n").map { "    \($0)\n" }.joined()
    let file = try SettingsFile(
      parsing: "destinations:\n  crm:\n\(indented)", file: "sender.yaml", environment: environment)
    return try #require(file.destinations.first)
  }

  private func http(_ text: String) throws -> HTTPSettings {
    guard case .http(let settings) = try destination(text).kind else {
      throw TestFailure("no http destination")
    }
    return settings
  }

  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

  @Test func `secrets, headers and certificates come from files of their own`() throws {
    let temporary = try TemporaryDirectory()
    func file(_ name: String, _ text: String) throws -> String {
      let path = "\(temporary.path)/\(name)"
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      return path
    }
    let settings = try http(
      """
      url_file: \(file("url", "https://crm.example.com/hook?key=k\n"))
      body: record
      sign:
        secret: \(Self.secret)
        secret_file: [\(file("one", Self.secret + "\n")), \(file("two", Self.secret + "\r\n"))]
      headers:
        X-Team: sales
        Authorization: {file: \(file("token", "Bearer t\n"))}
      ca_file: \(file("ca.pem", "ca"))
      client_certificate_file: \(file("cert.pem", "cert"))
      client_key_file: \(file("key.pem", "key"))
      """)
    #expect(settings.url == "https://crm.example.com/hook?key=k")
    #expect(settings.signingSecrets == Array(repeating: try WebhookSecret(Self.secret), count: 3))
    #expect(
      settings.headers == [
        HTTPHeader("X-Team", "sales"), HTTPHeader("Authorization", "Bearer t"),
      ])
    #expect(settings.caFile == "\(temporary.path)/ca.pem")
    #expect(settings.clientCertificateFile == "\(temporary.path)/cert.pem")
    #expect(settings.clientKeyFile == "\(temporary.path)/key.pem")
  }

  @Test func `a batch is read`() throws {
    let settings = try http(
      """
      url: http://x/
      body: record
      batch: {records: 500, form: array, gzip: true, linger_ms: 250, bytes: 65536}
      """)
    var batch = BatchSettings(recordsMax: 500)
    batch.format = .array
    batch.gzip = true
    batch.lingerMilliseconds = 250
    batch.bytesMax = 65536
    #expect(settings.batch == batch)
  }

  @Test func `a directory of files is read`() throws {
    let settings = try destination("url: file:/srv/notices\nrotate: day\nbody: message")
    var file = FileSettings(directory: "/srv/notices")
    file.rotation = .day
    file.body = .message
    #expect(settings.kind == .file(file))
  }

  @Test(arguments: [
    (
      "[/usr/bin/load, --fast]",
      ExecSettings.Command.program("/usr/bin/load", arguments: ["--fast"])
    ),
    ("load < x | y", .shell("load < x | y")),
  ])
  func `a command is a program or a line for the shell`(
    text: String, command: ExecSettings.Command
  ) throws {
    let settings = try destination(
      "command: \(text)\nbody: original\nrecords: 7\ntimeout: 9", environment: ["A": "1"])
    var exec = ExecSettings(command: command, name: "crm", environment: ["A": "1"])
    exec.body = .original
    exec.recordsMax = 7
    exec.timeoutSeconds = 9
    #expect(settings.kind == .exec(exec))
  }

  @Test func `a filter is one pattern or a list of them`() throws {
    let settings = try destination(
      """
      url: sqlite:/x.db
      suppress_duplicates: true
      only: {type: [text, image, 10002], isSelf: false, room: true}
      except:
        - source: [api, 8]
        - {type: recalled}
      """)
    var only = NoticePattern()
    try only.require(.type, oneOf: ["text", "image", "10002"])
    try only.require(.isSelf, oneOf: ["false"])
    try only.require(.room, oneOf: ["true"])
    var source = NoticePattern()
    try source.require(.source, oneOf: ["6", "8"])
    var recalled = NoticePattern()
    try recalled.require(.type, oneOf: ["11"])
    #expect(settings.filter == NoticeFilter(only: [only], except: [source, recalled]))
    #expect(settings.suppressesDuplicates)
  }

  @Test(arguments: [
    (
      "only: {type: texts}",
      "sender.yaml:4: destinations.crm.only.type: 'texts': unknown; did you mean 'text'?"
    ),
    (
      "only: {types: text}",
      "sender.yaml:4: destinations.crm.only.types: unknown key; did you mean 'type'?"
    ),
    ("only: {chatId: x}", "destinations.crm.only.chatId: unknown key; did you mean 'chat'?"),
    ("except: {token: x}", "sender.yaml:4: destinations.crm.except.token: unknown key"),
    ("only: {isSelf: yes}", "'yes': unknown; did you mean"),
    ("only: {source: [console, webb]}", "destinations.crm.only.source: 'webb': unknown"),
    ("only: {}", "destinations.crm.only: expected at least one field"),
    ("only: []", "destinations.crm.only: expected at least one pattern"),
    ("only: {type: []}", "destinations.crm.only.type: expected at least one value"),
    ("only: text", "destinations.crm.only: expected a mapping"),
    (
      "suppress_duplicates: 1", "sender.yaml:4: destinations.crm.suppress_duplicates: expected true"
    ),
    (
      "sign: {secret: abc!}",
      "sender.yaml:4: destinations.crm.sign.secret: the secret is not base64"
    ),
    ("sign: {}", "destinations.crm.sign: expected a secret or a secret_file"),
    (
      "sign: {secret_file: /no/such}",
      "destinations.crm.sign.secret_file: unable to read /no/such: No such file or directory"
    ),
    (
      "headers: {X-A: {file: /no/such}}",
      "destinations.crm.headers.X-A.file: unable to read /no/such"
    ),
    ("headers: {Content-Length: 5}", "Content-Length: is set by the delivery itself"),
    (
      "headers: {X-A: {path: x}}",
      "destinations.crm.headers.X-A.path: unknown key; did you mean 'file'?"
    ),
    (
      "ca_file: /no/such.pem",
      "sender.yaml:4: destinations.crm.ca_file: unable to read /no/such.pem"
    ),
    ("client_key_file: /dev/null", "destinations.crm.client_key_file: /dev/null is empty"),
    ("batch: {record: 5}", "destinations.crm.batch.record: unknown key; did you mean 'records'?"),
    (
      "batch: {records: 0}",
      "destinations.crm.batch.records: expected a whole number from 1 to 10000"
    ),
    ("batch: {form: xml}", "destinations.crm.batch.form: expected one of ndjson, array"),
    ("rotate: day", "sender.yaml:4: destinations.crm.rotate: unknown key"),
    (
      "command: [x]",
      "destinations.crm.command: a destination has only one of url, url_file and command"
    ),
    ("url_file: /x", "destinations.crm.url_file: a destination has only one of"),
  ])
  func `an error names line, key and the nearest right one`(line: String, said: String) {
    let error = #expect(throws: SettingsError.self) { try destination("url: http://x/\n" + line) }
    let text = error?.description ?? ""
    #expect(text.contains(said), "\(text)")
  }

  @Test(arguments: [
    ("order: chat", "destinations.crm: expected url, url_file or command"),
    ("command: []", "destinations.crm.command: expected a program"),
    ("command: ''", "destinations.crm: the command is empty"),
    ("command: x\ntimeout: 0", "destinations.crm.timeout: expected a whole number from 1"),
    ("command: x\nmethod: GET", "destinations.crm.method: unknown key"),
    ("url: 'file:'", "destinations.crm.url: 'file:' names no directory"),
    ("url: file:/x\nrotate: week", "destinations.crm.rotate: expected one of hour, day"),
    ("url: sqlite:/x.db\nbody: record", "destinations.crm.body: unknown key"),
    ("url_file: /no/such", "destinations.crm.url_file: unable to read /no/such"),
  ])
  func `what a destination is decides what it may have`(text: String, said: String) {
    let error = #expect(throws: SettingsError.self) { try destination(text) }
    let text = error?.description ?? ""
    #expect(text.contains(said), "\(text)")
  }

  @Test func `all faults of a file are told at once, each with its line`() {
    let error = #expect(throws: SettingsError.self) {
      try SettingsFile(
        parsing: """
          spol: /x
          archive: {days: 0, from: gzip}
          destinations:
            a b: {url: http://x/}
            crm:
              url: http://x/
              methud: GET
              timeout: soon
              only: {type: texts}
            database: {url: "ftp:/x"}
          """, file: "sender.yaml", environment: [:])
    }
    #expect(
      error?.reasons.map { $0.split(separator: " ")[0] } == [
        "sender.yaml:1:", "sender.yaml:2:", "sender.yaml:2:", "sender.yaml:4:", "sender.yaml:7:",
        "sender.yaml:8:", "sender.yaml:9:", "sender.yaml:10:",
      ], "\(error?.description ?? "")")
  }

  @Test func `what a file of its own holds is not shown`() throws {
    let temporary = try TemporaryDirectory()
    try "hunter2".write(toFile: "\(temporary.path)/s", atomically: false, encoding: .utf8)
    for text in [
      "url_file: \(temporary.path)/s", "url: http://x/\nsign: {secret_file: \(temporary.path)/s}",
    ] {
      let error = #expect(throws: SettingsError.self) { try destination(text) }
      let said = error?.description ?? "hunter2"
      #expect(!said.contains("hunter2"), "\(said)")
    }
  }

  @Test func `where the metrics go is read`() throws {
    let file = try SettingsFile(
      parsing: "metrics: ${DIR}/notice.prom", file: "sender.yaml", environment: ["DIR": "/m"])
    #expect(file.metrics == "/m/notice.prom")
  }
}
