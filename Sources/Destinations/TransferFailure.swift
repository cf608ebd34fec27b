import CCurl
import Glibc

/// Why no answer came, in words that a person can act on. `message` is libcurl's own text, which names hosts but
/// never a URL's user, path or query.
struct TransferFailure {
  let code: CURLcode
  let message: String
  let systemErrno: Int32
  /// What a proxy answered to CONNECT; 0: it was not asked, or said nothing.
  let proxyStatus: Int
  /// Host and port of the connection that was used last.
  let peer: String
  let endpoint: HTTPEndpoint
  let connectTimeoutSeconds: Int

  var reason: String {
    proxyStatus >= 300 ? proxyReason : transferReason
  }

  private var transferReason: String {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: "name not found: \(endpoint.host)"
    case CURLE_COULDNT_RESOLVE_PROXY: "name of the proxy not found: \(message)"
    case CURLE_COULDNT_CONNECT: connectReason
    // The total time is kept outside libcurl: inside it only the connection's can run out.
    case CURLE_OPERATION_TIMEDOUT:
      "no connection to \(endpoint.authority) within \(connectTimeoutSeconds) s\(proxyNote)"
    case CURLE_PEER_FAILED_VERIFICATION: "certificate: \(plainMessage)"
    case CURLE_SSL_CACERT_BADFILE: "CA file: \(plainMessage)"
    case CURLE_SSL_CERTPROBLEM: "client certificate: \(plainMessage)"
    case CURLE_SSL_CONNECT_ERROR: "TLS: \(plainMessage)"
    case CURLE_GOT_NOTHING: "\(endpoint.authority) closed the connection without an answer"
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
      "connection to \(endpoint.authority) lost before the whole answer: \(plainMessage)"
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      "\(endpoint.authority) does not answer in HTTP: \(plainMessage)"
    default: plainMessage
    }
  }

  private var proxies: ProxyVariables { ProxyVariables(isTLS: endpoint.isTLS) }

  private var proxyReason: String {
    let answer = "the proxy \(peer) answered \(proxyStatus) to CONNECT \(endpoint.authority)"
    guard proxyStatus == 407 else { return answer }
    return "\(answer): give it user and password in \(proxies.inForce?.name ?? "https_proxy")"
  }

  /// Whether it was the proxy that kept silent is not known: the host may be one that no_proxy excepts.
  private var proxyNote: String { proxies.inForce.map { " (\($0.name) is set)" } ?? "" }

  /// Only libcurl's message tells whether it was the host or a proxy that did not take the connection:
  /// "Failed to connect to 127.0.0.1 port 81 after 0 ms: Couldn't connect to server", where later releases put
  /// "via PROXY" after the port, which is the proxy's.
  private var connectPeer: String {
    let words = message.split(separator: " ")
    guard words.starts(with: ["Failed", "to", "connect", "to"]), words.count > 8,
      words[5] == "port"
    else { return endpoint.authority }
    let host = words[7] == "via" ? words[8] : words[4]
    let peer = host.contains(":") ? "[\(host)]:\(words[6])" : "\(host):\(words[6])"
    return peer != endpoint.authority && proxies.names(host) ? "the proxy \(peer)" : peer
  }

  private var connectReason: String {
    let peer = connectPeer
    switch systemErrno {
    case ECONNREFUSED: return "connection refused by \(peer)"
    case 0: return "no connection to \(peer): \(plainMessage)"
    default:
      return "no connection to \(peer): \(unsafe String(cString: strerror(systemErrno)))"
    }
  }

  private var plainMessage: String {
    guard !message.isEmpty else { return unsafe String(cString: curl_easy_strerror(code)) }
    let prefixes = ["SSL certificate problem: ", "SSL: ", "TLS: "]
    let prefix = prefixes.first { message.hasPrefix($0) } ?? ""
    return String(message.dropFirst(prefix.count))
  }
}
