import CCurl
import Glibc

/// Why no answer came, in words that a person can act on. `message` is libcurl's own text, which names hosts but
/// never a URL's user, path or query.
struct TransferFailure {
  let code: CURLcode
  let message: String
  let systemErrno: Int32
  let endpoint: HTTPEndpoint
  let connectTimeoutSeconds: Int

  var reason: String {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: "name not found: \(endpoint.host)"
    case CURLE_COULDNT_RESOLVE_PROXY: "name of the proxy not found: \(message)"
    case CURLE_COULDNT_CONNECT: connectReason
    // The total time is kept outside libcurl: inside it only the connection's can run out.
    case CURLE_OPERATION_TIMEDOUT:
      "no connection to \(endpoint.authority) within \(connectTimeoutSeconds) s"
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

  /// Only libcurl's message tells whether it was the host or a proxy that did not take the connection:
  /// "Failed to connect to 127.0.0.1 port 81 after 0 ms: Couldn't connect to server".
  private var connectReason: String {
    let words = message.split(separator: " ")
    let peer =
      words.starts(with: ["Failed", "to", "connect", "to"]) && words.count > 6 && words[5] == "port"
      ? "\(words[4]):\(words[6])" : endpoint.authority
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
