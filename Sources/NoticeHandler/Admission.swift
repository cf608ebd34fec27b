import FastCGI
import Notice

/// Who may bring a notice, and where: all that is decided before a body is read.
struct Admission: Sendable {
  let servedPath: ServedPath
  /// Empty: nobody is asked for a key.
  let keys: SecretSet

  /// Parameters named `key` that are looked at: each costs the same however wrong it is.
  private static let keysMax = 8

  enum Decision {
    /// The request as it may be kept: without the access key.
    case admitted(ReceivedRequest)
    case refused(Refusal)
  }

  func decide(on request: any Request) -> Decision {
    guard let noticePath = servedPath.match(request) else {
      return .refused(.otherPath(served: servedPath.description))
    }
    let method = request.parameter("REQUEST_METHOD") ?? ""
    guard method == "GET" || method == "POST" else { return .refused(.otherMethod) }

    let query = request.parameter("QUERY_STRING").map(QueryString.init)
    let given = query?.keys ?? []
    let keyInQuery = given.prefix(Self.keysMax).contains(where: keys.containsPercentEncoded)
    guard keys.isEmpty || keyInQuery || noticePath.holds(keys) else {
      return .refused(.noKey(given: !given.isEmpty))
    }
    return .admitted(
      ReceivedRequest(
        remote: request.parameter("REMOTE_ADDR") ?? "", method: method,
        path: noticePath.without(keys), query: query?.without(keys),
        userAgent: request.parameter("HTTP_USER_AGENT")))
  }
}
