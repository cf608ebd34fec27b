import Foundation
import JSONText
import Notice
import TestSupport
import Testing

/// Callers who are not the platform: with words that are meant to break a line, without a key, slow, silent, many.
@Suite(.serialized)
struct HostileCallerTests {
  private let deployment: Deployment
  private let key = "sesame"

  init() throws { deployment = try Deployment(keys: [key]) }

  private func start(_ arguments: [String] = []) throws {
    try deployment.startHandler(["--key", key] + arguments)
    try deployment.startNginx()
  }

  private func log(_ name: String) -> String {
    (try? String(contentsOfFile: "\(deployment.path)/logs/\(name)", encoding: .utf8)) ?? ""
  }

  /// Every line is one JSON object and holds nothing that a terminal obeys.
  private func check(_ text: String, _ what: String) {
    for line in text.split(separator: "\n") {
      #expect((try? JSONText(validating: Array(line.utf8))) != nil, "\(what): \(line)")
    }
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || OneLine.shown("\($0)") == "\($0)" })
  }

  @Test func `nothing that a caller writes begins a line or a header`() throws {
    try start()
    let evil = "%0d%0aX-Evil:%20yes%0a%1b[31m%c2%9b%e2%80%a8"
    let raw = "\u{9B}31m\u{85}\u{2028}\u{2029}\u{202E}"
    let client = HTTPClient(port: deployment.port)
    var counts: [Int: Int] = [:]
    for (target, headers) in [
      ("/notice/\(evil)?key=\(key)&a=\(evil)", ["User-Agent: a\(raw)\"b\\"]),
      ("/notice?a=\(raw)&key=\(key)&\(raw)", ["User-Agent: \(raw)\u{1B}[31m"]),
      ("/notice/\(raw)/x?key=\(key)", ["Referer: \(raw)", "X-Forwarded-For: \(raw)"]),
      ("/notice?key=\(key)\(raw)", []), ("/notice?key=\(evil)", []), ("/\(raw)?\(evil)", []),
      ("/notice/\u{1B}[31m?key=\(key)", []), ("/notice/%00?key=\(key)", []),
    ] as [(String, [String])] {
      for body in [Array("{}".utf8), Array("not JSON \(raw)\r\n{".utf8)] {
        let answer = try client.send("POST", target, body: body, headers: headers)
        counts[answer.status, default: 0] += 1
        if answer.headers["connection"] == "close" { client.disconnect() }
        #expect(answer.headers["x-evil"] == nil)
        if answer.headers["content-type"]?.contains("json") == true {
          check(answer.text, "answer to \(target)")
        }
      }
    }
    #expect(counts[200] ?? 0 >= 3 && counts[403] ?? 0 >= 4, "\(counts)")
    #expect(Set(counts.keys).isSubset(of: [200, 400, 403, 404]), "\(counts)")
    // CR and LF as they are end the request line or the header, at nginx.
    let connection = try RawConnection(port: deployment.port)
    connection.send(
      "POST /notice?key=\(key)&a=\r\nX-Evil: yes HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    #expect(!connection.readAll().hasPrefix("HTTP/1.1 200"))

    let spool = deployment.spool
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(spool)/segments") {
      let text = try String(contentsOfFile: "\(spool)/segments/\(name)", encoding: .utf8)
      #expect(try deployment.records().count == text.split(separator: "\n").count)
      check(text, name)
    }
    check(
      try String(contentsOfFile: "\(spool)/quarantine/refused.ndjson", encoding: .utf8), "refused")
    check(log("notice.log"), "notice.log")
    let handler = log("handler.log")
    #expect(handler.split(separator: "\n").allSatisfy { $0.hasPrefix("notice-handler: ") })
  }

  @Test func `nobody reaches the rescue from outside`() throws {
    try start()
    deployment.handlers[0].stop(SIGKILL)
    let client = HTTPClient(port: deployment.port)
    let body = Array(#"{"event":"planted"}"#.utf8)
    let name = "1762489591.123-0123456789abcdef0123456789abcdef.json"
    for method in ["PUT", "DELETE", "MKCOL", "COPY", "MOVE", "PROPFIND", "POST", "GET"] {
      for target in [
        "/rescue/\(name)", "/\(name)", "/notice/\(name)", "/notice/../\(name)", "/@notice_rescue",
        "/notice/../../spool/rescue/\(name)", "//notice_rescue/\(name)", "/notice_kept",
        "/@notice_kept",
        "http://notice_rescue/\(name)", "/notice?key=wrong",
      ] {
        let answer = try client.send(
          method, target, body: body,
          headers: [
            "Host: notice_rescue", "Destination: /\(name)", "X-Accel-Redirect: @notice_kept",
            "X-Original-URL: /\(name)", "X-HTTP-Method-Override: PUT", "Depth: infinity",
          ])
        #expect(
          ![200, 201, 204, 207].contains(answer.status), "\(method) \(target): \(answer.status)")
        if answer.status == 400 { client.disconnect() }
      }
    }
    for method in ["PUT", "DELETE", "MKCOL", "COPY", "MOVE"] {
      // With the key, but by a method that the handler would have refused.
      #expect(try client.send(method, "/notice?key=\(key)", body: body).status == 503)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(deployment.spool)/rescue")
    #expect(files == [])
    #expect(!FileManager.default.fileExists(atPath: "\(deployment.spool)/\(name)"))
  }

  @Test func `a body that looks like requests to the rescue is a body`() throws {
    try start()
    deployment.handlers[0].stop(SIGKILL)
    let smuggled =
      "0\r\n\r\nPUT /evil.json HTTP/1.1\r\nHost: notice_rescue\r\nContent-Length: 2\r\n\r\n{}"
    let client = HTTPClient(port: deployment.port)
    #expect(
      try client.send("POST", "/notice?key=\(key)", body: Array(smuggled.utf8)).status == 200)
    let head = "POST /notice?key=\(key) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    for headers in [
      "Content-Length: \(smuggled.utf8.count)\r\nTransfer-Encoding: chunked\r\n",
      "Content-Length: 5\r\nContent-Length: \(smuggled.utf8.count)\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Content-Length: 0x10\r\n", "Content-Length: -1\r\n", "Content-Length : 5\r\n",
    ] {
      let connection = try RawConnection(port: deployment.port)
      connection.send("\(head)\(headers)\r\n\(smuggled)")
      let answer = connection.readAll()
      #expect(!answer.contains("200 OK"), "\(headers): \(answer)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(deployment.spool)/rescue")
    #expect(files.count == 1 && !files.contains("evil.json"))
    let kept = FileManager.default.contents(
      atPath: "\(deployment.spool)/rescue/\(files.first ?? "")")
    #expect(kept == Data(smuggled.utf8))
  }

  @Test func `slow bodies and silent connections hold up nobody`() throws {
    try start(["--workers", "2", "--workers-max", "8"])
    let socket = "\(deployment.path)/run/handler.sock"
    // Through nginx: connections that say nothing, heads and bodies that never end. Straight at the handler: silence.
    let silent = try (0..<200).map { _ in try RawConnection(port: deployment.port) }
    let slow = try (0..<50).map { _ in try RawConnection(port: deployment.port) }
    for (index, connection) in slow.enumerated() {
      connection.send("POST /notice?key=\(key) HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n")
      if index % 2 == 0 { connection.send("\r\n{") }
    }
    let inside = try (0..<32).map { _ in try RawConnection(unixPath: socket) }
    let client = HTTPClient(port: deployment.port)
    for number in 0..<20 {
      for connection in slow { connection.send(" ") }
      let start = ContinuousClock.now
      let answer = try client.send(
        "POST", "/notice?key=\(key)", body: LoadClient.body(id: "\(number)", chat: "a"))
      #expect(answer.status == 200)
      #expect(ContinuousClock.now - start < .seconds(5))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(deployment.spool)/rescue") == [])
    #expect(try deployment.records().count == 20)
    withExtendedLifetime((silent, slow, inside)) {}
  }

  @Test func `without the key nothing is filled, and with it only what is bounded`() throws {
    try start(["--quarantine-bytes", "256K"])
    let client = HTTPClient(port: deployment.port)
    let large = [UInt8](repeating: 0xFF, count: 60_000)
    for number in 0..<50 {
      #expect(try client.send("POST", "/notice?key=wrong\(number)", body: large).status == 403)
    }
    #expect(try deployment.quarantined().isEmpty && deployment.records().isEmpty)
    for _ in 0..<50 {
      #expect(try client.send("POST", "/notice?key=\(key)", body: large).status == 400)
    }
    let folder = "\(deployment.spool)/quarantine"
    let bytes = try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)")?.count ?? 0
    }.reduce(0, +)
    #expect(bytes > 0 && bytes <= 256 << 10)
    // What was refused is answered, not logged.
    #expect(log("handler.log").split(separator: "\n").count == 1)
    #expect(!log("error.log").contains(key))
  }
}
