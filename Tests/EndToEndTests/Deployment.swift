import Foundation
import Notice
import TestSupport

/// What a user has: nginx with the project's own files, handlers, a sender, a spool; all in one directory, on free ports.
final class Deployment {
  private let temporary: TemporaryDirectory
  let port: Int
  private let withRescue: Bool
  private(set) var nginx: ChildProcess?
  private(set) var handlers: [ChildProcess] = []
  private(set) var sender: ChildProcess?

  var path: String { temporary.path }
  var spool: String { "\(path)/spool" }
  var database: String { "\(spool)/notices.db" }
  private var log: String { "\(path)/logs" }

  /// `keepsTimeouts`: nginx gives a handler up as soon as it does for users.
  init(keys: [String] = [], withRescue: Bool = true, keepsTimeouts: Bool = false) throws {
    temporary = try TemporaryDirectory()
    port = try freePort()
    self.withRescue = withRescue
    for name in ["nginx", "run", "logs", "spool/rescue"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
    let admitted = keys.map { "\"~^\($0):|/\($0)(/|$)\" 1;\n" }.joined()
    try (keys.isEmpty ? "default 1;\n" : admitted)
      .write(toFile: "\(path)/nginx/notice.keys", atomically: true, encoding: .utf8)
    for name in ["nginx.conf", "notice-http.conf", "notice.conf"] {
      var text = try String(contentsOfFile: "\(Programs.project)/nginx/\(name)", encoding: .utf8)
      for (old, new) in [
        ("/run/notice", "\(path)/run"), ("/var/spool/notice", spool), ("/var/log/nginx", log),
        ("127.0.0.1:8080", "127.0.0.1:\(port)"),
      ] {
        text = text.replacingOccurrences(of: old, with: new)
      }
      if !withRescue { text = text.replacingOccurrences(of: "error_page", with: "#error_page") }
      try text.write(toFile: "\(path)/nginx/\(name)", atomically: true, encoding: .utf8)
    }
    // A machine that has much else to do is no fault.
    for name in ["notice-http.conf", "notice.conf"] {
      try change("burst=20000", to: "burst=1000000", in: name)
    }
    let handlerTimeouts = [
      "fastcgi_connect_timeout 1s", "fastcgi_send_timeout 3s", "fastcgi_read_timeout 3s",
    ]
    let rescueTimeouts = ["proxy_connect_timeout 1s", "proxy_read_timeout 1s"]
    for timeout in rescueTimeouts + (keepsTimeouts ? [] : handlerTimeouts) {
      try change(timeout, to: "\(timeout.dropLast(2))30s", in: "notice.conf")
    }
  }

  private func change(_ old: String, to new: String, in name: String) throws {
    let settings = "\(path)/nginx/\(name)"
    let text = try String(contentsOfFile: settings, encoding: .utf8)
    guard text.contains(old) else { throw TestFailure("no '\(old)' in \(settings)") }
    try text.replacingOccurrences(of: old, with: new)
      .write(toFile: settings, atomically: true, encoding: .utf8)
  }

  // MARK: Programs

  /// Starts handlers on one socket's path each; nginx knows the first.
  func startHandler(_ arguments: [String] = [], prefix: [String] = []) throws {
    let socket = handlers.isEmpty ? "handler.sock" : "handler-\(handlers.count).sock"
    let process = try handlerProcess(socket: socket, arguments, prefix: prefix)
    handlers.append(process)
  }

  /// Ends the first handler by `signal` and starts it again.
  func restartHandler(_ signal: Int32, _ arguments: [String] = []) throws -> Int32 {
    let status = handlers[0].stop(signal)
    handlers[0] = try handlerProcess(socket: "handler.sock", arguments, prefix: [])
    return status
  }

  /// Starts a handler as somebody else would, by a whole command; `isReady` tells that it serves.
  func startHandler(
    command: [String], environment: [String: String] = [:], isReady: () -> Bool
  ) throws -> ChildProcess {
    let process = try ChildProcess(
      command[0], Array(command.dropFirst()), environment: environment, log: "\(log)/handler.log")
    try eventually("the handler serves") {
      guard process.isRunning else { throw TestFailure("the handler ended: \(process.log)") }
      return isReady()
    }
    return process
  }

  private func handlerProcess(
    socket: String, _ arguments: [String], prefix: [String]
  ) throws -> ChildProcess {
    let command =
      prefix + [
        Programs.handler, "--listen", "unix:\(path)/run/\(socket)", "--spool", spool,
      ] + arguments
    return try startHandler(command: command) { answers("\(path)/run/\(socket)") }
  }

  /// Has nginx pass requests on to `servers` instead of the one handler's socket.
  func pointNginx(at servers: [String]) throws {
    try change(
      "server unix:\(path)/run/handler.sock;",
      to: servers.map { "server \($0);" }.joined(separator: " "), in: "notice-http.conf")
  }

  func startNginx() throws {
    for name in ["run/rescue.sock", "nginx/nginx.pid"] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    let globals = geteuid() == 0 ? "daemon off; user root;" : "daemon off;"
    let process = try ChildProcess(
      Programs.tool("nginx"),
      ["-p", "\(path)/nginx", "-c", "nginx.conf", "-g", globals],
      log: "\(log)/nginx.log")
    try eventually("nginx listens") {
      guard process.isRunning else { throw TestFailure("nginx ended: \(process.log)") }
      return (try? HTTPClient(port: port).send("GET", "/nowhere").status) == 404
    }
    nginx = process
  }

  func killNginx() throws {
    nginx?.stop(SIGKILL)
    nginx = nil
    // Not before the last of its workers has ended, which may wait for the disk.
    try eventually("nginx has left its port") { (try? RawConnection(port: port)) == nil }
  }

  func startSender(_ arguments: [String] = []) throws {
    sender = try ChildProcess(
      Programs.sender, ["run", "--spool", spool, "--archive", "plain"] + arguments,
      log: "\(log)/sender.log")
  }

  /// Drains the spool and waits for that; returns the exit status.
  @discardableResult
  func drain(_ arguments: [String] = []) throws -> Int32 {
    try Programs.run(
      Programs.sender, ["once", "--spool", spool, "--archive", "plain"] + arguments
    ).status
  }

  // MARK: What there is

  /// All records of the spool and its archive; throws where a line is none.
  func records(in otherSpool: String? = nil) throws -> [NoticeRecord] {
    var records: [NoticeRecord] = []
    try forEachRecord(in: otherSpool) { records.append($0) }
    return records
  }

  /// As ``records()``, one at a time.
  func forEachRecord(
    in otherSpool: String? = nil, _ body: (NoticeRecord) throws -> Void
  ) throws {
    let spool = otherSpool ?? spool
    for folder in ["archive", "segments"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(spool)/\(folder)")) ?? []
      for name in names.sorted() {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(spool)/\(folder)/\(name)"))
        for line in data.split(separator: 0x0A) {
          let bytes = Array(line)
          guard let record = try? NoticeRecord(line: bytes.span) else {
            throw TestFailure("\(folder)/\(name): \(String(decoding: line, as: UTF8.self))")
          }
          try body(record)
        }
      }
    }
  }

  func quarantined(in otherSpool: String? = nil) throws -> [[String: Any]] {
    let path = "\(otherSpool ?? spool)/quarantine/refused.ndjson"
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return try data.split(separator: 0x0A).map {
      try JSONSerialization.jsonObject(with: $0) as? [String: Any] ?? [:]
    }
  }

  func query(_ sql: String) throws -> [String] {
    let result = try Programs.run(try Programs.tool("sqlite3"), ["-readonly", database, sql])
    guard result.status == 0 else { throw TestFailure(result.output) }
    return result.output.split(separator: "\n").map(String.init)
  }

  func answers(_ socketPath: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      unsafe buffer.copyBytes(from: socketPath.utf8.prefix(buffer.count - 1))
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
