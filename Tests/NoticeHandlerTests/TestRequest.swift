import FastCGI

/// A request as a web server would pass it on, made by hand.
struct TestRequest: Request {
  var parameters: [String: String]
  var body: RequestBody

  init(
    _ method: String = "POST", _ uri: String = "/notice", body: RequestBody = .whole([]),
    _ parameters: [String: String] = [:]
  ) {
    let parts = uri.split(separator: "?", maxSplits: 1)
    self.parameters = [
      "REQUEST_METHOD": method, "REQUEST_URI": uri, "REMOTE_ADDR": "203.0.113.7",
      "QUERY_STRING": parts.count == 2 ? String(parts[1]) : "",
    ].merging(parameters) { $1 }
    self.body = body
  }

  init(_ method: String = "POST", _ uri: String = "/notice", text: String) {
    self.init(method, uri, body: .whole(Array(text.utf8)))
  }

  func parameter(_ name: StaticString) -> String? { parameters["\(name)"] }
  func readBody(bytesMax: Int) -> RequestBody { body }
}
