/// An answer as a gateway expects it (RFC 3875 §6): a `Status` line, header fields and a body.
package struct Response: Equatable, Sendable {
  package let status: Status
  /// Besides `Content-Type`, `Content-Length` and `Cache-Control`, which every answer has.
  package let fields: [Field]
  package let contentType: String
  package let body: [UInt8]
  /// What goes to the web server, byte for byte.
  package let bytes: [UInt8]

  package struct Field: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The statuses this program answers with, each with its phrase from RFC 9110.
  package enum Status: Int, Sendable {
    case ok = 200
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case contentTooLarge = 413
    case internalServerError = 500
    case serviceUnavailable = 503

    package var phrase: String {
      switch self {
      case .ok: "OK"
      case .badRequest: "Bad Request"
      case .forbidden: "Forbidden"
      case .notFound: "Not Found"
      case .methodNotAllowed: "Method Not Allowed"
      case .contentTooLarge: "Content Too Large"
      case .internalServerError: "Internal Server Error"
      case .serviceUnavailable: "Service Unavailable"
      }
    }
  }

  package init(_ status: Status, contentType: String, body: [UInt8], fields: [Field] = []) {
    self.status = status
    self.fields = fields
    self.contentType = contentType
    self.body = body
    var head = """
      Status: \(status.rawValue) \(status.phrase)\r
      Content-Type: \(contentType)\r
      Content-Length: \(body.count)\r
      Cache-Control: no-store\r

      """
    for field in fields { head += "\(field.name): \(field.value)\r\n" }
    bytes = Array((head + "\r\n").utf8) + body
  }
}
