import FastCGI
import Notice

/// Who may bring a notice, and where: all that is decided before a body is read.
struct Admission: Sendable {
  let servedPath: ServedPath
  /// Empty: nobody is asked for a key.
  let keys: SecretSet

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
    let (path, keyInPath) = noticePath.removing(keys)
    let keyInQuery = query?.keys.contains(where: keys.containsPercentEncoded) ?? false
    guard keys.isEmpty || keyInPath || keyInQuery else {
      return .refused(.noKey(given: query?.keys.isEmpty == false))
    }
    return .admitted(
      ReceivedRequest(
        remote: request.parameter("REMOTE_ADDR") ?? "", method: method, path: path,
        query: query?.withoutKey, userAgent: request.parameter("HTTP_USER_AGENT")))
  }
}
