import Foundation
import TestSupport
import Testing

/// `nginx/install.sh`, below a prefix of the test's own and without root.
struct InstallTests {
  private let temporary: TemporaryDirectory
  private var prefix: String { "\(temporary.path)/notice" }
  private let user: String

  init() throws {
    temporary = try TemporaryDirectory()
    user = try Programs.run(try Programs.tool("id"), ["-un"]).output
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func install(_ arguments: [String] = []) throws -> [String] {
    let result = try Programs.run(
      "\(Programs.project)/nginx/install.sh",
      ["--prefix", prefix, "--user", user, "--bin", Programs.directory] + arguments)
    guard result.status == 0 else { throw TestFailure(result.output) }
    return result.output.split(separator: "\n").map(String.init)
  }

  /// `directory 0750 NAME:GROUP PATH` and the like, as they are said, by path.
  private func places(_ lines: [String]) -> [String: String] {
    let words = lines.map { $0.split(separator: " ").map(String.init) }
    return Dictionary(
      uniqueKeysWithValues: words.filter {
        $0.count == 4 && ["file", "directory"].contains($0[0])
      }.map { ($0[3], "\($0[0]) \($0[1]) \($0[2])") })
  }

  /// What there is, in the same form.
  private func listing() throws -> [String: String] {
    let result = try Programs.run(
      try Programs.tool("find"), [prefix, "-printf", "%y %04m %u:%g %p\\n"])
    guard result.status == 0 else { return [:] }
    let lines = result.output.split(separator: "\n").map { line in
      line.hasPrefix("d ") ? "directory \(line.dropFirst(2))" : "file \(line.dropFirst(2))"
    }
    return places(lines)
  }

  @Test func `a dry run says what will be there and does nothing`() throws {
    let said = places(try install(["--dry-run"]))
    #expect(try listing().isEmpty)
    let done = places(try install())
    #expect(said == done)
    #expect(try listing() == done)
    for place in [
      "bin/notice-handler", "bin/notice-sender", "etc/notice/keys", "etc/notice/sender.yaml",
      "etc/nginx/snippets/notice.conf", "lib/systemd/system/notice-handler.socket",
      "share/bash-completion/completions/notice-sender",
      "share/fish/vendor_completions.d/notice-sender.fish",
      "share/zsh/site-functions/_notice-sender", "var/spool/notice/rescue",
    ] {
      #expect(done["\(prefix)/\(place)"] != nil, "\(place)")
    }
    #expect(done["\(prefix)/etc/notice/keys"]?.contains(" 0640 ") == true)
    #expect(done["\(prefix)/var/spool/notice"]?.contains(" 0750 ") == true)
  }

  @Test func `what is installed runs, and is taken away but for the messages`() throws {
    _ = try install()
    let key = try String(contentsOfFile: "\(prefix)/etc/notice/keys", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let body = try Samples.bytes("text-private.json")
    let handled = try Programs.run(
      "\(prefix)/bin/notice-handler", [],
      environment: [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
        "QUERY_STRING": "key=\(key)", "CONTENT_LENGTH": "\(body.count)",
        "NOTICE_SPOOL": "\(prefix)/var/spool/notice",
        "NOTICE_KEY_FILE": "\(prefix)/etc/notice/keys",
      ], input: body)
    #expect(handled.output.hasPrefix("Status: 200 "), "\(handled.output)")
    let delivered = try Programs.run(
      "\(prefix)/bin/notice-sender", ["once", "--config", "\(prefix)/etc/notice/sender.yaml"])
    #expect(delivered.status == 0, "\(delivered.output)")
    let rows = try Programs.run(
      try Programs.tool("sqlite3"),
      ["-readonly", "\(prefix)/var/lib/notice/notices.db", "SELECT count(*) FROM notices"])
    #expect(rows.output == "1\n")
    let units = "\(prefix)/lib/systemd/system"
    let verified = try Programs.run(
      try Programs.tool("systemd-analyze"),
      [
        "verify", "--man=no", "\(units)/notice-handler.socket", "\(units)/notice-handler.service",
        "\(units)/notice-sender.service",
      ])
    #expect(verified.status == 0 && !verified.output.contains(prefix), "\(verified.output)")

    let before = try listing()
    #expect(try !install(["--uninstall", "--dry-run"]).isEmpty)
    #expect(try listing() == before)
    let said = try install(["--uninstall"])
    #expect(said.contains { $0.hasPrefix("kept \(prefix)/var/spool/notice: ") })
    let left = try listing().keys.filter {
      !$0.hasPrefix("\(prefix)/var/spool/notice/") && !$0.hasPrefix("\(prefix)/var/lib/notice/")
    }
    #expect(
      left.sorted()
        == ["", "/var", "/var/lib", "/var/lib/notice", "/var/spool", "/var/spool/notice"]
        .map { prefix + $0 })
  }

  @Test func `what nobody has used is taken away whole`() throws {
    _ = try install()
    _ = try install()
    _ = try install(["--uninstall"])
    #expect(!FileManager.default.fileExists(atPath: prefix))
  }

  @Test func `settings that were changed are neither replaced nor removed`() throws {
    _ = try install()
    let changed = "\(prefix)/etc/notice/sender.yaml"
    let key = try String(contentsOfFile: "\(prefix)/etc/notice/keys", encoding: .utf8)
    try "spool: /elsewhere\n".write(toFile: changed, atomically: true, encoding: .utf8)
    #expect(try install().contains("kept \(changed)"))
    #expect(try String(contentsOfFile: changed, encoding: .utf8) == "spool: /elsewhere\n")
    #expect(try String(contentsOfFile: "\(prefix)/etc/notice/keys", encoding: .utf8) == key)
    #expect(try install(["--uninstall"]).contains("kept \(changed): it was changed"))
    #expect(
      try listing().keys.sorted()
        == ["", "/etc", "/etc/notice", "/etc/notice/sender.yaml"].map { prefix + $0 })
  }

  @Test func `nginx takes what is installed`() throws {
    _ = try install()
    let settings = "\(temporary.path)/nginx.conf"
    try """
    error_log \(temporary.path)/error.log;
    pid \(temporary.path)/pid;
    events {}
    http {
      access_log off;
      include \(prefix)/etc/nginx/snippets/notice-http.conf;
      server {
        listen 127.0.0.1:\(try freePort());
        include \(prefix)/etc/nginx/snippets/notice.conf;
      }
    }
    """.write(toFile: settings, atomically: true, encoding: .utf8)
    let result = try Programs.run(
      try Programs.tool("nginx"), ["-t", "-p", temporary.path, "-c", settings])
    #expect(result.status == 0, "\(result.output)")
  }
}
