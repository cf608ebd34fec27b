import FastCGI
import JSONText

/// Why a request is not in the spool. Each case is one row of the answers in the README.
enum Refusal: Error {
  case otherPath(served: String)
  case otherMethod
  case noKey(given: Bool)
  case otherToken
  case tooLarge(start: [UInt8], bytes: Int?, bytesMax: Int)
  case cutShort([UInt8], expected: Int?)
  case empty(method: String)
  case notJSON([UInt8], JSONTextError)
  /// Another try may succeed.
  case notDurable(diskIsFull: Bool)
  /// The program was started with settings that are wrong.
  case misconfigured

  var status: Response.Status {
    switch self {
    case .otherPath: .notFound
    case .otherMethod: .methodNotAllowed
    case .noKey, .otherToken: .forbidden
    case .tooLarge: .contentTooLarge
    case .cutShort, .empty, .notJSON: .badRequest
    case .notDurable: .serviceUnavailable
    case .misconfigured: .internalServerError
    }
  }

  /// A short name that stays the same, for programs.
  var reason: String {
    switch self {
    case .otherPath: "other-path"
    case .otherMethod: "other-method"
    case .noKey: "wrong-key"
    case .otherToken: "wrong-token"
    case .tooLarge: "too-large"
    case .cutShort: "cut-short"
    case .empty: "empty"
    case .notJSON: "not-json"
    case .notDurable: "not-durable"
    case .misconfigured: "misconfigured"
    }
  }

  /// What was wrong and what to do, for a person.
  var detail: String {
    switch self {
    case .otherPath(let served):
      "Only \(served) and the addresses below it are served here. Correct the address."
    case .otherMethod:
      "Send the notice by GET or POST, with the JSON text as the request's body."
    case .noKey(given: true):
      "The access key is not one of those accepted here. Correct the key in the address."
    case .noKey(given: false):
      "No accepted access key is in the address. Add it as ?key=… or as a segment of the path."
    case .otherToken:
      "The notice's token is not one of those accepted here. Add the account's token to the settings."
    case .tooLarge(_, let bytes?, let bytesMax):
      "The body has \(bytes) bytes; at most \(bytesMax) are taken. Raise --max-body, and the web "
        + "server's limit with it."
    case .tooLarge(_, nil, let bytesMax):
      "The body has more than \(bytesMax) bytes. Raise --max-body, and the web server's limit with it."
    case .cutShort(let bytes, let expected?):
      "The body ended after \(bytes.count) of the \(expected) bytes that Content-Length announces. "
        + "Send it again; if it keeps happening, look at what lies between the sender and here."
    case .cutShort(let bytes, nil):
      "The body broke off after \(bytes.count) bytes. Send it again."
    case .empty(method: "GET"):
      "The request has no body. A proxy or CDN in between may have removed the body of this GET: take "
        + "it out of the way, or send the notice by POST."
    case .empty:
      "The request has no body. Send the JSON text as the request's body."
    case .notJSON(_, let error):
      "The body is not a JSON text (RFC 8259): \(error). Send one JSON text in UTF-8."
    case .notDurable(diskIsFull: true):
      "The spool's disk has no space left, and the notice was not taken. Make room, and send it again."
    case .notDurable(diskIsFull: false):
      "The notice could not be written to the disk and was not taken. Send it again later; the log of "
        + "notice-handler says what is wrong."
    case .misconfigured:
      "notice-handler was started with wrong settings. The web server's error log says which."
    }
  }

  /// What goes to quarantine: the bytes there are, and how many came.
  var kept: (bytes: [UInt8], total: Int)? {
    switch self {
    case .tooLarge(let start, let bytes, _): (start, bytes ?? start.count)
    case .cutShort(let bytes, _), .notJSON(let bytes, _): (bytes, bytes.count)
    case .empty: ([], 0)
    case .otherPath, .otherMethod, .noKey, .otherToken, .notDurable, .misconfigured: nil
    }
  }

  /// Seconds after which a sender should come again, where that makes sense.
  static let retryAfterSeconds = 5

  /// The answer, as a problem document (RFC 9457).
  var response: Response {
    var problem = JSONObjectWriter()
    problem.member("type", string: "about:blank")
    problem.member("title", string: status.phrase)
    problem.member("status", number: status.rawValue)
    problem.member("reason", string: reason)
    if case .notJSON(_, let error) = self { problem.member("offset", number: error.offset) }
    problem.member("detail", string: detail)
    return Response(
      status, contentType: "application/problem+json", body: problem.bytes, fields: fields)
  }

  private var fields: [Response.Field] {
    switch self {
    case .otherMethod: [Response.Field("Allow", "GET, POST")]
    case .notDurable: [Response.Field("Retry-After", "\(Self.retryAfterSeconds)")]
    default: []
    }
  }
}
