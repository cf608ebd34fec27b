import Foundation
import JSONText
import Notice
import TestSupport
import Testing

/// Every sample goes in through nginx and comes out at an HTTP receiver and in SQLite.
struct SampleTests {
  @Test func `every sample arrives as it was sent, by GET and by POST, on either path`() throws {
    let deployment = try Deployment()
    let receiver = try HTTPReceiver()
    try deployment.startHandler()
    try deployment.startNginx()
    try deployment.startSender([
      "--to", "crm=\(receiver.url)/hook?x=1", "--to", "sqlite:\(deployment.database)",
    ])
    #expect(Samples.names.count == 18)

    var sent: [String] = []
    let client = HTTPClient(port: deployment.port)
    for name in Samples.names {
      let body = try Samples.bytes(name)
      let text = String(decoding: try JSONText(validating: body).bytes, as: UTF8.self)
      for method in ["GET", "POST"] {
        for path in ["/notice", "/notice/message"] {
          let answer = try client.send(method, path, body: body)
          #expect(answer.status == 200, "\(name) by \(method) on \(path): \(answer.text)")
          #expect(answer.text == "{}")
          #expect(answer.headers["content-type"] == "application/json")
          sent.append(text)
        }
      }
    }

    let records = try deployment.records()
    #expect(records.map { String(decoding: $0.body, as: UTF8.self) } == sent)
    try eventually("all arrive at the receiver") { receiver.requestCount >= sent.count }
    #expect(
      receiver.requests.map { String(decoding: $0.body, as: UTF8.self) }.sorted() == sent.sorted())
    #expect(receiver.requests.allSatisfy { $0.method == "POST" && $0.target == "/hook?x=1" })
    try eventually("all arrive in the database") {
      (try? deployment.query("SELECT count(*) FROM notices")) == ["\(sent.count)"]
    }
    #expect(try deployment.query("SELECT body FROM notices ORDER BY id").sorted() == sent.sorted())
    #expect(
      try deployment.query("SELECT record FROM notices ORDER BY id")
        == records.map { String(decoding: $0.line, as: UTF8.self) }.sorted())
  }

  @Test(arguments: ["original", "record", "message"], ["GET", "POST"])
  func `a receiver gets the form and the method it is set to`(form: String, method: String) throws {
    let deployment = try Deployment()
    let receiver = try HTTPReceiver()
    try deployment.startHandler()
    try deployment.startNginx()
    let body = try Samples.bytes("text-room-mention.json")
    _ = try HTTPClient(port: deployment.port).send("GET", "/notice", body: body)
    #expect(
      try deployment.drain(["--to", receiver.url, "--body", form, "--method", method]) == 0)

    let record = try #require(try deployment.records().first)
    let request = try #require(receiver.requests.first)
    #expect(receiver.requestCount == 1)
    #expect(request.method == method)
    switch form {
    case "original": #expect(request.body == Array(record.body))
    case "record": #expect(request.body == record.line)
    default: #expect(request.body == NoticeMessage(record).bytes)
    }
  }

  @Test func `a second run delivers nothing twice`() throws {
    let deployment = try Deployment()
    let receiver = try HTTPReceiver()
    try deployment.startHandler()
    try deployment.startNginx()
    let client = HTTPClient(port: deployment.port)
    for number in 0..<20 {
      let body = LoadClient.body(id: "\(number)", chat: "a")
      #expect(try client.send("POST", "/notice", body: body).status == 200)
    }
    for _ in 0..<3 { #expect(try deployment.drain(["--to", receiver.url]) == 0) }
    #expect(receiver.requestCount == 20)
  }
}
