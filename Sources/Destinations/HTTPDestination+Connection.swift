import CCurl
import Delivery

extension HTTPDestination {
  /// Looks the name up, connects and shakes hands (TLS) as a delivery would, and sends nothing after that. Waits no
  /// longer than the settings say for a connection.
  package static func tryConnection(
    _ settings: HTTPSettings
  ) throws(HTTPSettingsError) -> ConnectionTrial {
    try settings.validate()
    let endpoint = try HTTPEndpoint(url: settings.url)
    CurlLibrary.initialize()
    let transfer = HTTPTransfer(settings, endpoint)
    // CURLOPT_CONNECT_ONLY(3): the transfer ends when the connection, a proxy's and TLS's included, is there.
    unsafe curl_easy_setopt_long(transfer.handle, CURLOPT_CONNECT_ONLY, 1)
    let result = unsafe curl_easy_perform(transfer.handle)
    if result == CURLE_OK {
      // A proxy of http:// is asked for each request, one of https:// has connected to the destination by now.
      let peer = transfer.peer
      let isProxy = !endpoint.isTLS && !peer.hasSuffix(":\(endpoint.port)")
      return isProxy ? .madeToProxy(peer: peer) : .made(peer: endpoint.authority)
    }
    guard case .unreachable(let reason) = transfer.outcome(.libcurl(result), settings, endpoint)
    else { return .failed(reason: unsafe String(cString: curl_easy_strerror(result))) }
    return .failed(reason: reason)
  }

  /// "crm.example.com:443": what of the settings' URL may be shown.
  package static func authority(_ settings: HTTPSettings) throws(HTTPSettingsError) -> String {
    try HTTPEndpoint(url: settings.url).authority
  }
}
