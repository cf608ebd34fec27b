import Foundation
import TestSupport
import Testing

/// What goes wrong at the start of the programs, as the person meets it who has to mend it: it is told in a line what is wrong,
/// where, and what to do.
struct RemedyTests {
  struct Situation: CustomTestStringConvertible {
    /// The program's last word, and what is given to it; `@` is a directory of the test's own.
    let command: String
    let status: Int32
    /// What is wrong and where, and what to do.
    let words: [String]

    init(_ command: String, _ status: Int32, _ words: String...) {
      self.command = command
      self.status = status
      self.words = words
    }

    var testDescription: String { command }
  }

  static let handler = [
    Situation("--durabilty sync", 100, "--durabilty", "did you mean '--durability'", "--help"),
    Situation("--listen 127.0.0.1:9000", 100, "--spool or NOTICE_SPOOL: not set"),
    Situation("--spool @/s", 100, "--listen or NOTICE_LISTEN: not set", "unix:PATH"),
    Situation(
      "--spool @/s --listen 9000", 100,
      "neither unix: nor a port; expected unix:PATH, HOST:PORT or :PORT"),
    Situation("--spool @/s --key-file @/none", 100, "@/none", "No such file", "holds one key"),
    Situation("--spool @/s --key-file @/closed", 100, "@/closed", "Permission", "can be read"),
    Situation("--spool @/s --key-file @/empty", 100, "@/empty", "it holds no key"),
    Situation("--spool @/open/s --check", 111, "@/open/s", "Permission", "user that owns it"),
    Situation("--spool @/file/s --check", 111, "@/file/s", "correct the path"),
    Situation("--spool @/later --check", 100, "@/later/format", "run the version that wrote it"),
    Situation(
      "--spool @/later --listen unix:@/h", 100, "@/later/format", "run the version that wrote it"),
    Situation("--spool @/s --listen unix:@/none/h", 111, "unix:@/none/h", "make the directory"),
    Situation("--spool @/s --listen unix:@/file", 111, "@/file", "not a socket", "move it away"),
    Situation("--spool @/s --listen 192.0.2.1:9000", 111, "192.0.2.1:9000", "no such address"),
  ]

  static let sender = [
    Situation("statsu --spool @/s", 100, "'statsu'", "did you mean 'status'", "help"),
    Situation("once --spol @/s", 100, "'--spol'", "Did you mean '--spool'"),
    Situation("run", 100, "no spool", "give --spool DIR or set NOTICE_SPOOL"),
    Situation("status --spool @/none", 100, "@/none is not there", "correct the path"),
    Situation("status --spool @/open", 100, "@/open is no spool", "correct the path"),
    Situation("status --spool @/shut", 100, "@/shut", "Permission", "user that owns it"),
    Situation("once --spool @/open/s", 111, "@/open/s", "Permission", "user that owns it"),
    Situation("once --config @/none.yaml", 100, "@/none.yaml", "correct the path"),
    Situation("once --config @/closed", 100, "@/closed", "let the sender's user read it"),
    Situation("check --config @/bad.yaml", 100, "@/bad.yaml:2", "expected"),
    Situation("check --config @/near.yaml", 100, "@/near.yaml:2", "did you mean 'destinations'"),
    Situation("check --config @/value.yaml", 100, ":3: ", "original, record, message"),
    Situation("check --config @/variable.yaml", 100, ":3: ", "no CRM_KEY: set it for the sender"),
    Situation("check --config @/secret.yaml", 100, "@/none: No such file", "correct the path"),
    Situation("check --config @/base64.yaml", 100, ":3: ", "openssl rand -base64 32 makes one"),
    Situation("once --spool @/s --to ftp://x/", 100, "'ftp:'", "write http://…, https://…"),
    Situation("once --spool @/s --to x.example", 100, "no destination: write http://…"),
    Situation("run --spool @/later", 100, "@/later/format", "run the version that wrote it"),
    Situation("once --spool @/later", 100, "@/later/format", "run the version that wrote it"),
    Situation("status --spool @/later", 100, "@/later/format", "run the version that wrote it"),
    Situation("audit --spool @/later", 100, "@/later/format", "run the version that wrote it"),
    Situation("check --spool @/later", 111, "@/later/format", "→ run the version that wrote it"),
    Situation("doctor --spool @/later", 111, "@/later/format", "→ run the version that wrote it"),
    Situation("import --spool @/later @/file", 100, "@/later/format", "run the version that wrote"),
    Situation("search --spool @/s --since 3x", 100, "'3x'", "how long ago: 90s, 15m, 2h, 3d"),
    Situation("search --spool @/s --type pictur", 100, "'pictur'", "one of call-record, channel"),
    Situation("report --spool @/s --out @/none", 111, "@/none/index.html", "make the directory"),
    Situation("import --spool @/s @/none", 100, "@/none", "correct the path"),
    Situation("check --spool @/s --to sqlite:@/file", 111, "@/file", "→ name another file"),
    Situation("check --spool @/s --to file:@/file", 111, "@/file", "→ name a directory"),
    Situation("check --config @/places.yaml", 111, "report", "@/none", "→ make the directory"),
    Situation("doctor --spool @/shut", 111, "@/shut", "→ run this as the user that owns"),
  ]

  private let temporary: TemporaryDirectory
  private var place: String { temporary.path }

  init() throws {
    temporary = try TemporaryDirectory()
    for directory in ["open", "shut", "later", "s/state", "s/segments", "s/dead", "s/archive"] {
      try FileManager.default.createDirectory(
        atPath: "\(place)/\(directory)", withIntermediateDirectories: true)
    }
    let mapping = "destinations:\n  crm: {url: \"http://x.example/\""
    for (name, text) in [
      ("file", "no database, and no directory\n"), ("empty", ""), ("closed", "secret"),
      ("later/format", "2\n"), ("bad.yaml", "spool: [a\n"),
      ("near.yaml", "spool: \(place)/s\ndestinatons: {}\n"),
      ("value.yaml", "spool: \(place)/s\n\(mapping), body: mesage}\n"),
      ("secret.yaml", "spool: \(place)/s\n\(mapping), sign: {secret_file: \(place)/none}}\n"),
      ("base64.yaml", "spool: \(place)/s\n\(mapping), sign: {secret_file: \(place)/file}}\n"),
      (
        "variable.yaml", "spool: \(place)/s\ndestinations:\n  crm: {url: \"http://x/${CRM_KEY}\"}\n"
      ),
      (
        "places.yaml",
        "spool: \(place)/s\nreport: {directory: \(place)/none}\n"
          + "destinations:\n  files: {url: \"file:\(place)/s/files\"}\n"
      ),
    ] {
      try text.write(toFile: "\(place)/\(name)", atomically: false, encoding: .utf8)
    }
    try Unprivileged.own(place)
    for (name, mode) in [("closed", 0), ("open", 0o555), ("shut", 0)] {
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: "\(place)/\(name)")
    }
  }

  private func look(_ situation: Situation, _ program: String, linesMax: Int) throws {
    // A program of the test's own: its user may not get at the builder's.
    let file = "\(place)/\(program)"
    try Programs.install("\(Programs.directory)/\(program)", at: file)
    let words = situation.command.replacing("@", with: place).split(separator: " ").map(String.init)
    let command = try Unprivileged.command([file] + words)
    let result = try Programs.run(
      try Programs.tool("env"), ["-u", "NOTICE_SPOOL"] + command)
    #expect(result.status == situation.status, "\(result.output)")
    for word in situation.words {
      #expect(result.output.contains(word.replacing("@", with: place)), "\(word): \(result.output)")
    }
    let fatal = result.output.split(separator: "\n").filter { $0.contains(": fatal: ") }
    #expect(fatal.count <= linesMax, "\(result.output)")
    if situation.command.contains("/later") {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(place)/later") == ["format"])
    }
  }

  @Test(arguments: handler)
  func `the handler says what is wrong, where, and what to do`(situation: Situation) throws {
    try look(situation, "notice-handler", linesMax: 1)
  }

  @Test(arguments: sender)
  func `the sender says what is wrong, where, and what to do`(situation: Situation) throws {
    try look(situation, "notice-sender", linesMax: 1)
  }
}
