import Foundation
import TestSupport
import Testing

/// Who may read what handler and sender make, whatever umask they are started with, as root and as another user.
struct ModesTests {
  /// As root, somebody else is who starts them: root may open what has no rights at all.
  private var prefix: [String] {
    get throws {
      guard geteuid() == 0 else { return [] }
      return [
        try Programs.tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", "--",
      ]
    }
  }

  private func run(
    umask: String, _ program: String, _ arguments: [String], _ environment: [String: String] = [:],
    input: [UInt8]? = nil
  ) throws -> Programs.Result {
    let command = try prefix + ["/bin/sh", "-c", "umask \(umask) && exec \"$@\"", "sh", program]
    return try Programs.run(
      command[0], Array(command.dropFirst()) + arguments, environment: environment, input: input)
  }

  @Test(arguments: ["0", "022", "077", "777"])
  func `nothing is open to others, and all of it to its maker`(umask: String) throws {
    let temporary = try TemporaryDirectory()
    unsafe chmod(temporary.path, 0o777)
    let spool = "\(temporary.path)/spool"
    let environment = [
      "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/notice",
      "NOTICE_SPOOL": spool,
    ]
    for body in [#"{"data":{"messageId":"1"}}"#, "not JSON"] {
      let input = Array(body.utf8)
      let answer = try run(
        umask: umask, Programs.handler, [],
        environment.merging(["CONTENT_LENGTH": "\(input.count)"]) { $1 }, input: input)
      #expect(answer.output.hasPrefix(body == "not JSON" ? "Status: 400" : "Status: 200"))
    }
    let metrics = "\(temporary.path)/notice.prom"
    let files = "\(temporary.path)/files"
    let config = "\(temporary.path)/sender.yaml"
    try """
    spool: \(spool)
    metrics: \(metrics)
    destinations:
      database: {url: "sqlite:\(temporary.path)/notices.db", suppress_duplicates: true}
      files: {url: "file:\(files)"}
      dead: {command: "exit 100"}
    """.write(toFile: config, atomically: true, encoding: .utf8)
    unsafe chmod(config, 0o644)
    // Twice, so that what the first made is opened again.
    for _ in 0..<2 {
      let once = try run(umask: umask, Programs.sender, ["once", "--config", config])
      #expect(once.status == 0 || once.output.contains("still pending for dead"), "\(once.output)")
    }
    let report = try run(
      umask: umask, Programs.sender, ["report", "--spool", spool, "--out", temporary.path])
    #expect(report.status == 0, "\(report.output)")
    var modes: [String: Int] = [:]
    let all = FileManager.default.enumerator(atPath: temporary.path)
    while let name = all?.nextObject() as? String {
      let type = all?.fileAttributes?[.type] as? FileAttributeType
      guard name != "sender.yaml", type != .typeSymbolicLink else { continue }
      modes[name] = (all?.fileAttributes?[.posixPermissions] as? NSNumber)?.intValue
    }
    #expect(modes.count > 15, "\(modes)")
    let isNarrow = umask == "077" || umask == "777"
    for (name, mode) in modes {
      let isDirectory = [
        "spool", "files", "spool/segments", "spool/quarantine", "spool/dead", "spool/state",
        "spool/archive", "spool/rescue",
      ].contains(name)
      let own = isDirectory ? (isNarrow ? 0o700 : 0o750) : (isNarrow ? 0o600 : 0o640)
      // Figures and the page are for another user's program.
      let expected = ["notice.prom", "index.html"].contains(name) ? 0o644 : own
      #expect(mode == expected, "\(name) is \(String(mode, radix: 8)) by umask \(umask)")
    }
  }
}
