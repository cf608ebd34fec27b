import FastCGI
import Spool
import Testing

@testable import NoticeHandler

struct SettingsTests {
  private func settings(
    _ arguments: [String] = ["--spool", "/s"], _ environment: [String: String] = [:],
    files: [String: String] = [:]
  ) throws -> HandlerSettings {
    let source = SettingSource(
      arguments: try Arguments(arguments).values, environment: { environment[$0] })
    return try HandlerSettings(source) { path in
      files[path].map(Result.success) ?? .failure(.tooLarge)
    }
  }

  @Test func `options go before the environment, and that before the defaults`() throws {
    let environment = [
      "NOTICE_SPOOL": "/env", "NOTICE_MAX_BODY": "2M", "NOTICE_DURABILITY": "write",
    ]
    let settings = try settings(["--spool=/option", "--workers", "7"], environment)
    #expect(settings.spool == "/option")
    #expect(settings.bodyBytesMax == 2 << 20)
    #expect(settings.writing.durability == .write)
    #expect(settings.serving.workers == 7 && settings.serving.workersMax == 1024)
    #expect(settings.path.description == "/notice" && settings.listen == nil)
  }

  @Test func `fewer workers at most than there are of themselves are those from the start`() throws
  {
    let settings = try settings(["--spool", "s", "--workers-max", "3"])
    #expect(settings.serving.workers == 3 && settings.serving.workersMax == 3)
  }

  @Test func `every setting has an option and a variable that do the same`() throws {
    let values: [Setting: String] = [
      .listen: "unix:/x", .spool: "/s", .key: "a,b", .keyFile: "/keys", .token: "t",
      .maxBody: "3K", .path: "/p", .durability: "none", .emptyBody: "accept", .workers: "3",
      .workersMax: "5", .socketMode: "0666", .segmentBytes: "1M", .segmentSeconds: "60",
      .quarantineBytes: "1M",
    ]
    #expect(values.count == Setting.allCases.count)
    let arguments = values.flatMap { [$0.key.option, $0.value] }
    let environment = Dictionary(uniqueKeysWithValues: values.map { ($0.key.variable, $0.value) })
    let files = ["/keys": "c\nd\n"]
    let byOption = try settings(arguments, files: files)
    let byVariable = try settings([], environment, files: files)
    for setting in Setting.allCases {
      #expect(byOption.text(setting) == byVariable.text(setting))
    }
    #expect(byOption.keys == byVariable.keys && byOption.keys == SecretSet(["a", "b", "c", "d"]))
    #expect(byOption.tokens == SecretSet(["t"]) && byOption.acceptsEmptyBody)
    #expect(byOption.socketMode == 0o666 && byOption.serving.workersMax == 5)
  }

  @Test func `an option has the name of its variable`() {
    #expect(
      Setting.allCases.map(\.option) == [
        "--listen", "--spool", "--key", "--key-file", "--token", "--max-body", "--path",
        "--durability", "--empty-body", "--workers", "--workers-max", "--socket-mode",
        "--segment-bytes", "--segment-seconds", "--quarantine-bytes",
      ])
    #expect(Setting.maxBody.variable == "NOTICE_MAX_BODY")
  }

  @Test func `keys of several options are all accepted`() throws {
    let keys = try settings(["--spool", "s", "--key", "a", "--key=b=c"]).keys
    #expect(keys == SecretSet(["a", "b=c"]))
  }

  @Test(arguments: [
    (["--spool", "s", "--max-body", "12x"], "--max-body \"12x\": expected bytes"),
    (["--spool", "s", "--max-body", "0"], "--max-body \"0\": expected bytes"),
    (["--spool", "s", "--max-body", "99999999999999999999"], "--max-body"),
    (["--spool", "s", "--max-body", "9999999999999M"], "--max-body"),
    (["--spool", "s", "--durability", "fsync"], "expected sync, write or none"),
    (["--spool", "s", "--empty-body", "yes"], "expected reject or accept"),
    (["--spool", "s", "--workers", "0"], "--workers \"0\""),
    (["--spool", "s", "--workers", "9", "--workers-max", "8"], "--workers-max \"8\""),
    (["--spool", "s", "--socket-mode", "999"], "octal"),
    (["--spool", "s", "--socket-mode", "4"], "octal"),
    (["--spool", "s", "--path", "notice"], "--path \"notice\": expected a path"),
    (["--spool", "s", "--path", "/a b"], "--path"),
    (["--spool", "s", "--listen", "example.com:80"], "numeric IPv4"),
    (["--spool", "s", "--segment-bytes", "1"], "64K"),
    (["--spool", "s", "--segment-seconds", "-1"], "from 1 to 86400"),
    (["--spool", "s", "--quarantine-bytes", ""], "256K"),
    (["--spool", ""], "--spool \"\": expected the path"),
    ([], "--spool or NOTICE_SPOOL: not set"),
    (["--spool"], "--spool: no value given"),
    (["--spool", "a", "--spool", "b"], "given twice"),
    (["--spoil", "a"], "unknown option --spoil"),
    (["spool"], "unexpected argument"),
    (["--spool", "s", "--key", " , "], "--key: expected one or more"),
    (["--spool", "s", "--key-file", "/none"], "--key-file \"/none\""),
  ])
  func `what is wrong is named with what is right`(arguments: [String], message: String) {
    let error = #expect(throws: SettingsError.self) { try settings(arguments) }
    #expect(error?.description.contains(message) == true)
  }

  @Test func `an empty variable for keys does not open the door`() {
    let error = #expect(throws: SettingsError.self) {
      try settings(["--spool", "s"], ["NOTICE_KEY": ""])
    }
    #expect(error?.description.hasPrefix("NOTICE_KEY: expected") == true)
  }

  @Test func `no message and no table shows a secret`() throws {
    let secret = "s3cr3t" + String(repeating: "x", count: 300)
    for arguments in [["--key", secret], ["--token=\(secret)"], ["--kye=\(secret)"], [secret]] {
      let error = #expect(throws: SettingsError.self) {
        try settings(["--spool", "s"] + arguments)
      }
      #expect(error?.description.contains("s3cr3t") == false)
    }
    let arguments = ["--spool", "s", "--key", "s3cr3t", "--token", "s3cr3t"]
    let source = SettingSource(arguments: try Arguments(arguments).values) { _ in nil }
    let table = SpoolCheck.table(try HandlerSettings(source), source)
    #expect(!table.contains("s3cr3t"))
    #expect(table.contains("1 accepted"))
  }

  @Test func `help names every option, variable and default`() {
    for setting in Setting.allCases {
      #expect(HelpText.text.contains("\(setting.option) \(setting.valueName)"))
      #expect(HelpText.text.contains(setting.variable))
    }
    for line in ["Default: 1M.", "Default: sync.", "Default: /notice.", "Default: 0660."] {
      #expect(HelpText.text.contains(line))
    }
    #expect(HelpText.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test(arguments: [
    (["LISTEN_PID": "7", "LISTEN_FDS": "1"], false, Start.socket(descriptor: 3)),
    (["LISTEN_PID": "8", "LISTEN_FDS": "1"], false, .command),
    (["LISTEN_PID": "7", "LISTEN_FDS": "0"], false, .command),
    (["GATEWAY_INTERFACE": "CGI/1.1"], false, .script),
    (["GATEWAY_INTERFACE": "CGI/1.1"], true, .socket(descriptor: 0)),
    ([:], true, .socket(descriptor: 0)),
    ([:], false, .command),
  ])
  func `how it was started is found out`(
    environment: [String: String], listens: Bool, expected: Start
  ) {
    let start = Start(
      environment: { environment[$0] }, processIdentifier: 7, isListening: { _ in listens })
    #expect(start == expected)
  }
}
