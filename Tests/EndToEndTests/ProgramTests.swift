import Foundation
import TestSupport
import Testing

/// The programs as files and on the command line.
struct ProgramTests {
  @Test(.enabled(if: Programs.areReleased, "the programs under test are no release build"))
  func `the handler is one static file without Foundation`() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: Programs.handler))
    // An interpreter is named by every program that is linked dynamically (elf(5), PT_INTERP).
    #expect(file.range(of: Data("/lib64/ld-linux".utf8)) == nil)
    #expect(file.range(of: Data("/lib/ld-linux".utf8)) == nil)
    // Swift mangles the module's name into each of its symbols.
    #expect(file.range(of: Data("10Foundation".utf8)) == nil)
    #expect(file.range(of: Data("20FoundationEssentials".utf8)) == nil)
    let sender = try Data(contentsOf: URL(fileURLWithPath: Programs.sender))
    #expect(
      sender.range(of: Data("20FoundationEssentials".utf8)) != nil, "the look finds it where it is")
  }

  #if !PostgreSQL && !Kafka
    @Test func `the sender needs neither libpq nor librdkafka`() throws {
      let libraries = try Programs.run(try Programs.tool("ldd"), [Programs.sender]).output
      #expect(libraries.contains("libcurl.so"), "the look finds what is there: \(libraries)")
      #expect(!libraries.contains("libpq.so") && !libraries.contains("librdkafka.so"))
    }
  #endif

  @Test func `two senders on one spool do not run, and the second says who holds it`() throws {
    let deployment = try Deployment()
    try deployment.startSender()
    try eventually("the sender holds the lock") {
      FileManager.default.contents(atPath: "\(deployment.spool)/state/lock")?.isEmpty == false
    }
    let second = try Programs.run(Programs.sender, ["once", "--spool", deployment.spool])
    #expect(second.status == 111)
    #expect(second.output.contains("process \(deployment.sender?.identifier ?? 0)"))
    #expect(second.output.contains("another sender works on this spool; stop it first"))
  }

  @Test(arguments: [
    (["--to", "ftp://x"], "ftp"), (["--to", "http://"], "host"), (["--to", "sqlite:"], "database"),
    (["--to", "a b=http://x/"], "name"), (["--nonsense"], "nonsense"),
    (["--to", "http://x/", "--to", "http://x/"], "called"),
    (["--config", "/nowhere.yaml"], "nowhere"),
    (["--to", "http://x/", "--method", "G T"], "method"), (["--body", "half"], "half"),
  ])
  func `wrong options end with 100 and say what is wrong`(arguments: [String], said: String) throws
  {
    let temporary = try TemporaryDirectory()
    let result = try Programs.run(Programs.sender, ["once", "--spool", temporary.path] + arguments)
    #expect(result.status == 100)
    #expect(result.output.contains("notice-sender: fatal: "))
    #expect(result.output.contains(said), "\(result.output)")
  }

  @Test func `run.sh shows a notice travelling the whole way`() throws {
    let result = try Programs.run(
      "\(Programs.project)/nginx/run.sh", ["--once", "--bin", Programs.directory])
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains(#""messageId": "string""#))
    #expect(result.output.contains("│"))
  }
}
