import Foundation
import TestSupport
import Testing

/// The README's commands to look at a spool and a host, taken from its text, with this test's own places in them.
struct ReadmeInspectionTests {
  private let temporary: TemporaryDirectory
  private var spool: String { "\(temporary.path)/spool" }

  init() throws { temporary = try TemporaryDirectory() }

  /// A part of what each prints.
  private static let printed = [
    "status": "files", "search": "发票", "report": "", "audit": "files", "dead": "no dead letters",
    "check": "files", "doctor": "fdatasync",
  ]

  @Test func `each leaves with 0 and prints what it is asked for`() throws {
    let readme = try Readme()
    let messages = "\(temporary.path)/messages.ndjson"
    try [("1", "研发一群", "明天开发票"), ("2", "研发一群", "好"), ("3", "市场群", "发票呢")].map {
      #"{"data":{"messageId":"\#($0)","chatId":"c\#($1)","roomId":"r\#($1)","roomTopic":"\#($1)","type":7,"payload":{"text":"\#($2)"}}}"#
        + "\n"
    }.joined().write(toFile: messages, atomically: false, encoding: .utf8)
    let settings = "\(temporary.path)/etc/sender.yaml"
    let web = "\(temporary.path)/www"
    for directory in ["etc", "www", "taken"] {
      try FileManager.default.createDirectory(
        atPath: "\(temporary.path)/\(directory)", withIntermediateDirectories: true)
    }
    try "spool: \(spool)\ndestinations: {files: {url: 'file:\(temporary.path)/taken'}}\n"
      .write(toFile: settings, atomically: false, encoding: .utf8)
    for arguments in [["import", "--spool", spool, messages], ["once", "--config", settings]] {
      let result = try Programs.run(Programs.sender, arguments)
      guard result.status == 0 else { throw TestFailure(result.output) }
    }

    let block = try #require(
      try readme.blocks("sh", under: "Delivering").first { $0.contains("notice-sender status") })
    let commands = block.split(separator: "\n").map(String.init)
    #expect(commands.count == Self.printed.count)
    for command in commands {
      let name = command.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      let expected = try #require(Self.printed[name], "\(command)")
      let placed = command.replacing("/var/spool/notice", with: spool)
        .replacing("/etc/notice", with: "\(temporary.path)/etc")
        .replacing("/var/www/notice", with: web)
      let result = try Programs.run(
        Programs.tool("bash"), ["-c", placed],
        environment: ["PATH": "\(Programs.directory):/usr/sbin:/usr/bin:/sbin:/bin"])
      #expect(result.status == 0, "\(command): \(result.output)")
      #expect(expected.isEmpty || result.output.contains(expected), "\(command): \(result.output)")
      if name == "search" {
        #expect(result.output.contains("明天开发票") && !result.output.contains("发票呢"))
      }
    }
    let page = try String(contentsOfFile: "\(web)/index.html", encoding: .utf8)
    #expect(page.contains("研发一群") && page.hasSuffix("</html>\n"))
  }
}
