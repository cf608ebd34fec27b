import Foundation
import TestSupport
import Testing

/// What comes with the programs for their users: manual pages and completions.
struct ManualTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  /// The page as `man` shows it, on one line for each paragraph; whatever groff warns of is a failure.
  private func shown(_ page: String) throws -> String {
    let path = "\(temporary.path)/pages/\(page)"
    let environment = ["MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"]
    let warnings = try Programs.run(
      "/bin/sh",
      ["-c", "exec \(Programs.tool("man")) --warnings -E UTF-8 -l \(path) 2>&1 >/dev/null"],
      environment: environment)
    #expect(warnings.status == 0 && warnings.output == "", "\(page): \(warnings.output)")
    return try Programs.run(
      Programs.tool("man"), ["-E", "UTF-8", "-l", path], environment: environment
    ).output
  }

  private func makePages() throws -> [String] {
    let result = try Programs.run(
      "\(Programs.project)/nginx/man.sh", ["--bin", Programs.directory, "\(temporary.path)/pages"])
    guard result.status == 0 else { throw TestFailure(result.output) }
    return try FileManager.default.contentsOfDirectory(atPath: "\(temporary.path)/pages").sorted()
  }

  /// "notice-sender", "notice-sender-run" and so on, as the argument parser knows them.
  private func commands() throws -> [String] {
    func names(_ command: [String: Any], after parent: String?) -> [String] {
      let name = command["commandName"] as? String ?? ""
      guard name != "help" else { return [] }
      let whole = parent.map { "\($0)-\(name)" } ?? name
      let below = command["subcommands"] as? [[String: Any]] ?? []
      return [whole] + below.flatMap { names($0, after: whole) }
    }
    let dump = try Programs.run(Programs.sender, ["--experimental-dump-help"])
    let object = try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any]
    let found = names(object?["command"] as? [String: Any] ?? [:], after: nil)
    #expect(found.count >= 14 && found.contains("notice-sender-dead-requeue"))
    return found
  }

  @Test func `each command has a manual page with all that its help says`() throws {
    let pages = try makePages()
    #expect(try pages == (["notice-handler.1"] + commands().map { "\($0).1" }).sorted())
    for page in pages {
      let name = String(page.dropLast(2))
      let text = try shown(page)
      #expect(text.contains("\(name) - "), "\(page)")
      for title in ["NAME", "SYNOPSIS", "OPTIONS", "SEE ALSO"] {
        #expect(text.contains("\n\(title)\n"), "\(page) has no \(title)")
      }
      let isHandler = name == "notice-handler"
      let words = isHandler ? [] : name.split(separator: "-").dropFirst(2).map(String.init)
      let help = try Programs.run(
        isHandler ? Programs.handler : Programs.sender, words + ["--help"],
        environment: ["COLUMNS": "1000"])
      let spoken = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      for line in help.output.split(separator: "\n") where line.contains("  ") {
        // Two spaces or more stand between a term and what it means.
        for part in line.split(separator: "  ").map({ $0.trimmingPrefix(" ") })
        where !part.hasPrefix("See 'notice-sender help") && !part.isEmpty {
          #expect(spoken.contains(part), "\(page) lacks: \(part)")
        }
      }
    }
  }

  @Test func `the programs' pages tell exit status, signals, environment and files`() throws {
    _ = try makePages()
    for page in ["notice-handler.1", "notice-sender.1"] {
      let text = try shown(page)
      for title in ["DESCRIPTION", "EXIT STATUS", "SIGNALS", "ENVIRONMENT", "FILES"] {
        #expect(text.contains("\n\(title)\n"), "\(page) has no \(title)")
      }
      #expect(text.contains("100"))
      #expect(text.contains("NOTICE_SPOOL"))
    }
    let text = try shown("notice-sender.1")
    let positions = ["SYNOPSIS", "DESCRIPTION", "SUBCOMMANDS", "EXIT STATUS", "SEE ALSO"]
      .map { text.range(of: "\n\($0)\n")?.lowerBound }
    #expect(positions.allSatisfy { $0 != nil })
    #expect(positions.compactMap { $0 } == positions.compactMap { $0 }.sorted())
  }

  @Test func `no line of a help text is wider than a terminal`() throws {
    for words in [[], ["run"], ["audit"], ["check"], ["dead"], ["replay"], ["doctor"]] {
      let help = try Programs.run(
        Programs.sender, words + ["--help"], environment: ["COLUMNS": "80"])
      #expect(help.status == 0)
      // The argument parser leaves the usage in one piece.
      let wide = help.output.split(separator: "\n").filter {
        $0.count > 80 && !$0.hasPrefix("USAGE: ")
      }
      #expect(wide.isEmpty)
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are generated, and their shell can read them`(shell: String) throws {
    let result = try Programs.run(Programs.sender, ["--generate-completion-script", shell])
    #expect(result.status == 0)
    for word in ["requeue", "doctor", "archive-days"] {
      #expect(result.output.contains(word), "\(word)")
    }
    let path = "\(temporary.path)/completion"
    try result.output.write(toFile: path, atomically: false, encoding: .utf8)
    // The other shells are not everywhere.
    guard shell == "bash" || (try? Programs.tool(shell)) != nil else { return }
    let read = try Programs.run(Programs.tool(shell), ["-n", path])
    #expect(read.status == 0 && read.output == "", "\(read.output)")
  }

  @Test func `bash completes commands and options`() throws {
    let script = try Programs.run(Programs.sender, ["--generate-completion-script", "bash"]).output
    let path = "\(temporary.path)/completion"
    try script.write(toFile: path, atomically: false, encoding: .utf8)
    func completed(_ words: String...) throws -> [String] {
      let line = words.joined(separator: " ")
      let ask = """
        PATH='\(Programs.directory)':$PATH; . '\(path)'; COMP_WORDS=(\(line) '')
        COMP_LINE='\(line) '; COMP_POINT=${#COMP_LINE}; COMP_CWORD=\(words.count); COMP_TYPE=9
        function=$(complete -p notice-sender | sed 's/.* -F \\([^ ]*\\).*/\\1/')
        $function notice-sender '' '\(words.last ?? "")'; printf '%s\n' "${COMPREPLY[@]}"
        """
      let result = try Programs.run(Programs.tool("bash"), ["-c", ask])
      return result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let commands = try completed("notice-sender")
    #expect(Set(["run", "once", "status", "dead", "audit"]).isSubset(of: commands), "\(commands)")
    let ofDead = try completed("notice-sender", "dead")
    #expect(Set(["list", "show", "requeue", "drop"]).isSubset(of: ofDead), "\(ofDead)")
    let forms = try completed("notice-sender", "run", "--archive")
    #expect(forms == ["gzip", "plain", "delete"], "\(forms)")
  }
}
