import Foundation
import Notice
import TestSupport
import Testing

/// Shared hosting as a new user tries it: a home directory, Apache, cron; no root anywhere.
struct SharedHostingTests {
  @Test(arguments: [HostingRecipe.sharedSettings, .sharedCGI, .sharedFCGI])
  func `the cron line delivers, and nobody else gets at spool and settings`(
    recipe: HostingRecipe
  ) throws {
    let server = try HostedServer(recipe)
    try Programs.install(Programs.sender, at: "\(server.home)/bin/notice-sender")
    let client = HTTPClient(port: server.port)
    let target = "\(recipe.address)?key=\(HostedServer.key)"
    for number in 0..<3 {
      let body = LoadClient.body(id: "\(number)", chat: "a")
      #expect(try client.send("GET", target, body: body).status == 200)
    }
    for path in [".htaccess", "../notice-spool/current.ndjson", "notice-spool/current.ndjson"] {
      let status = try client.send("GET", "/~me/\(path)").status
      #expect([400, 403, 404].contains(status), "\(path)")
    }

    let (status, log) = try cron(server)
    #expect(status == 0, "\(log)")
    #expect(try delivered(server) == 3)
    // The next minute: Apache keeps no connection for so long.
    let body = LoadClient.body(id: "3", chat: "a")
    #expect(try HTTPClient(port: server.port).send("POST", target, body: body).status == 200)
    #expect(try cron(server).status == 0)
    #expect(try delivered(server) == 4)
  }

  @Test func `the README's own words are all that it takes`() throws {
    let spans = try Readme().codeSpans(under: "Behind a web server you have")
    let lines = spans.filter { $0.hasPrefix("SetEnv ") }
    #expect(lines.count == 2)
    let server = try HostedServer(.sharedSettings) { recipe in
      // The user's own home and key; where CGI is not on, the recipe says how to turn it on.
      let home = recipe.firstMatch(of: /NOTICE_SPOOL (.*)\/notice-spool/)?.1 ?? ""
      return lines.map { line in
        line.hasSuffix("NOTICE_KEY")
          ? "\(line) \(HostedServer.key)\n" : line.replacing("/home/you", with: home) + "\n"
      }.joined() + "Options +ExecCGI\nAddHandler cgi-script .cgi\n"
    }
    try Programs.install(Programs.sender, at: "\(server.home)/bin/notice-sender")
    let address = try #require(spans.first { $0.hasPrefix("https://your.host/notice.cgi") })
    let target = address.replacing("https://your.host/", with: "/~me/")
      .replacing("KEY", with: HostedServer.key)
    let client = HTTPClient(port: server.port)
    let body = LoadClient.body(id: "0", chat: "a")
    #expect(try client.send("GET", target, body: body).status == 200)
    #expect(try client.send("GET", target + "x", body: body).status == 403)

    let table = spans.filter { $0.hasPrefix("* * * * * ") }
    #expect(table.count == 1)
    let result = try cron(try #require(table.first), server)
    #expect(result.status == 0, "\(result.output)")
    #expect(try delivered(server) == 1)
  }

  @Test func `a setting that does not arrive is told to the caller`() throws {
    // What suexec does with them.
    let server = try HostedServer(.sharedSettings) {
      $0.replacingOccurrences(of: "SetEnv NOTICE_", with: "SetEnv OTHER_")
    }
    let body = LoadClient.body(id: "0", chat: "a")
    let answer = try HTTPClient(port: server.port).send("POST", "/~me/notice.cgi", body: body)
    #expect(answer.status == 500)
    #expect(answer.text.contains("\"reason\":\"misconfigured\""))
  }

  @Test func `a packed sender takes every library from its own directory`() throws {
    let temporary = try TemporaryDirectory()
    let directory = "\(temporary.path)/notice"
    let script = "\(Programs.project)/nginx/shared-hosting/bundle.sh"
    let packed = try Programs.run(script, [Programs.sender, directory])
    #expect(packed.status == 0, "\(packed.output)")

    let run = try Programs.run("\(directory)/notice-sender", ["--version"])
    #expect(run.status == 0)
    #expect(run.output == (try Programs.run(Programs.sender, ["--version"])).output)

    let libraries = "\(directory)/lib"
    let names = try FileManager.default.contentsOfDirectory(atPath: libraries)
    let loader = try #require(names.first { $0.hasPrefix("ld-linux") })
    let list = try Programs.run(
      "\(libraries)/\(loader)",
      ["--library-path", libraries, "--list", "\(libraries)/notice-sender"])
    let found = list.output.split(separator: "\n").filter { $0.contains("=>") }
    #expect(found.count > 5)
    #expect(found.allSatisfy { $0.contains("=> \(libraries)/") || $0.contains(loader) })
  }

  /// Runs the recipe's only line as cron does: by sh, in the user's home, with nearly nothing in the environment.
  private func cron(_ server: HostedServer) throws -> (status: Int32, log: String) {
    let table = try HostingRecipe.text(
      "shared-hosting/crontab", placedIn: server.path, key: HostedServer.key)
    let lines = table.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count == 1)
    let status = try cron(String(try #require(lines.first)), server).status
    let log = try String(contentsOfFile: "\(server.home)/notice-sender.log", encoding: .utf8)
    return (status, log)
  }

  private func cron(_ line: String, _ server: HostedServer) throws -> Programs.Result {
    let command = line.split(separator: " ").dropFirst(5).joined(separator: " ")
    let whole = try Unprivileged.command([
      try Programs.tool("env"), "-i", "HOME=\(server.home)", "PATH=/usr/bin:/bin", "/bin/sh",
      "-c", "cd && \(command)",
    ])
    return try Programs.run(whole[0], Array(whole.dropFirst()))
  }

  private func delivered(_ server: HostedServer) throws -> Int? {
    let result = try Programs.run(
      try Programs.tool("sqlite3"),
      ["-readonly", "\(server.spool)/notices.db", "SELECT count(*) FROM notices"])
    return Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
