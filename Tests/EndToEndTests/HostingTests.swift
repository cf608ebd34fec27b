import Foundation
import JSONText
import Notice
import TestSupport
import Testing

/// Each recipe below `nginx/`, with the real server on loopback.
struct HostingTests {
  @Test(arguments: HostingRecipe.allCases)
  func `GET with a body and POST arrive as they were sent`(recipe: HostingRecipe) throws {
    let server = try HostedServer(recipe)
    let client = HTTPClient(port: server.port)
    var sent: [String] = []
    for name in ["page-example.json", "odd-but-valid.json", "text-room-mention.json"] {
      let body = try Samples.bytes(name)
      let text = String(decoding: try JSONText(validating: body).bytes, as: UTF8.self)
      for method in ["GET", "POST"] {
        for target in ["?key=\(HostedServer.key)", "/\(HostedServer.key)/message"] {
          let answer = try client.send(method, recipe.address + target, body: body)
          #expect(answer.status == 200, "\(method) \(target): \(answer.text)")
          #expect(answer.text == "{}")
          #expect(answer.headers["content-type"] == "application/json")
          sent.append(text)
        }
      }
    }
    let records = try server.deployment.records(in: server.spool)
    #expect(records.map { String(decoding: $0.body, as: UTF8.self) } == sent)
    let lines = records.map { String(decoding: $0.line, as: UTF8.self) }
    #expect(lines.allSatisfy { !$0.contains(HostedServer.key) })
    #expect(lines.filter { $0.contains("\"method\":\"GET\"") }.count == sent.count / 2)
    #expect(lines.filter { $0.contains("\"path\":\"\(recipe.address)/message\"") }.count == 6)

    server.stop()
    try eventually("nothing runs any more") { server.running.isEmpty }
  }

  @Test(arguments: HostingRecipe.allCases)
  func `what is refused is told so and is not in the spool`(recipe: HostingRecipe) throws {
    let server = try HostedServer(recipe)
    let client = HTTPClient(port: server.port)
    let address = recipe.address
    let body = try Samples.bytes("text-private.json")
    for method in ["GET", "POST"] {
      for target in ["", "?key=other", "/other", "?key="] {
        let answer = try client.send(method, address + target, body: body)
        #expect(answer.status == 403, "\(method) \(target): \(answer.text)")
      }
      // A server that drops the body of a GET must not look as if all were well.
      let empty = try client.send(method, "\(address)?key=\(HostedServer.key)")
      #expect(empty.status == 400)
      #expect(empty.text.contains("\"reason\":\"empty\""))
      let large = [UInt8](repeating: UInt8(ascii: " "), count: 1_200_000)
      let answer = try client.send(method, "\(address)?key=\(HostedServer.key)", body: large)
      #expect(answer.status == recipe.tooLarge)
      if recipe.tooLarge == 413 { #expect(answer.text.contains("\"reason\":\"too-large\"")) }
    }
    let other = try client.send("GET", "\(address)X?key=\(HostedServer.key)", body: body)
    #expect([403, 404].contains(other.status))

    #expect(try server.deployment.records(in: server.spool).isEmpty)
    let kept = try server.deployment.quarantined(in: server.spool).map { $0["status"] as? Int }
    #expect(kept.filter { $0 == 400 }.count == 2)
    #expect(kept.count == (recipe.tooLarge == 413 ? 4 : 2))
  }

  @Test(arguments: [HostingRecipe.lighttpdCGI, .lighttpdFastCGI])
  func `lighttpd refuses a GET with a body unless it is told not to`(recipe: HostingRecipe) throws {
    let server = try HostedServer(recipe) { text in
      text.split(separator: "\n").filter { !$0.hasPrefix("server.http-parseopts") }
        .joined(separator: "\n")
    }
    let target = "\(recipe.address)?key=\(HostedServer.key)"
    let body = try Samples.bytes("text-private.json")
    #expect(try HTTPClient(port: server.port).send("GET", target, body: body).status == 400)
    #expect(try HTTPClient(port: server.port).send("POST", target, body: body).status == 200)
    #expect(try server.deployment.records().count == 1)
  }

  @Test(arguments: [HostingRecipe.lighttpdCGI, .lighttpdFastCGI])
  func `lighttpd does not log the key`(recipe: HostingRecipe) throws {
    let server = try HostedServer(recipe)
    let client = HTTPClient(port: server.port)
    let body = try Samples.bytes("text-private.json")
    #expect(try client.send("GET", "/notice?key=\(HostedServer.key)", body: body).status == 200)
    #expect(try client.send("GET", "/elsewhere").status == 404)
    server.stop()
    let log = try String(contentsOfFile: "\(server.path)/logs/access.log", encoding: .utf8)
    #expect(log.contains("/elsewhere"))
    #expect(!log.contains(HostedServer.key))
  }

  @Test func `the handler is restarted under load and no connection is refused`() throws {
    let server = try HostedServer(.systemd)
    let load = LoadClient(
      port: server.port, connections: 4, target: "/notice?key=\(HostedServer.key)")
    var identifier = try server.handlerIdentifier()
    for round in 1...6 {
      let before = load.answered
      try eventually("notices come in round \(round)") { load.answered > before + 40 }
      kill(identifier, SIGTERM)
      identifier = try server.handlerIdentifier(otherThan: identifier)
    }
    let tally = load.stop()
    #expect(tally.refused.isEmpty)
    #expect(tally.unanswered == 0)
    #expect(tally.acknowledged.count > 240)

    let log = try String(contentsOfFile: "\(server.path)/logs/error.log", encoding: .utf8)
    #expect(!log.contains("connect() to"), "\(log)")
    #expect(try server.deployment.drain() == 0)
    let stored = Set(try server.deployment.records().compactMap { messageID($0) })
    #expect(tally.acknowledged.subtracting(stored).isEmpty)
  }

  @Test(arguments: ["notice-handler", "notice-sender"])
  func `the units are valid and keep their programs confined`(name: String) throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: "\(directory.path)/bin", withIntermediateDirectories: true)
    for unit in ["notice-handler.socket", "notice-handler.service", "notice-sender.service"] {
      try HostingRecipe.text("systemd/\(unit)", placedIn: directory.path, key: "")
        .replacingOccurrences(of: "\(directory.path)/bin", with: Programs.directory)
        .write(toFile: "\(directory.path)/\(unit)", atomically: true, encoding: .utf8)
    }
    let unit = "\(directory.path)/\(name).service"
    let analyze = try Programs.tool("systemd-analyze")
    let units = name == "notice-handler" ? [unit, "\(directory.path)/\(name).socket"] : [unit]
    let verified = try Programs.run(analyze, ["verify", "--man=no"] + units)
    #expect(verified.status == 0)
    // Of a machine's other units it may have something to say, but not of these.
    #expect(!verified.output.contains(directory.path), "\(verified.output)")
    // In tenths: 0.5 and 1.4 were measured, 9.6 is a unit that says nothing.
    let security = try Programs.run(
      analyze, ["security", "--offline=true", "--threshold=20", "--no-pager", unit])
    #expect(security.status == 0, "\(security.output)")
  }

  private func messageID(_ record: NoticeRecord) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(record.body)) as? [String: Any]
    return (object?["data"] as? [String: Any])?["messageId"] as? String
  }
}
