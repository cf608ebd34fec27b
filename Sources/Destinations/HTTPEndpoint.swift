import CCurl

/// Where a URL leads: what may be shown of it. User name, password, path and query can be secrets.
struct HTTPEndpoint {
  let isTLS: Bool
  /// "crm.example.com:443"
  let authority: String
  let host: String
  let port: String

  init(url: String) throws(HTTPSettingsError) {
    guard !url.utf8.contains(0), let parts = unsafe curl_url() else {
      throw .url("it has a NUL character")
    }
    defer { unsafe curl_url_cleanup(parts) }
    let result = unsafe curl_url_set(parts, CURLUPART_URL, url, 0)
    guard result == CURLUE_OK else {
      throw .url(unsafe String(cString: curl_url_strerror(result)).lowercased())
    }
    let part = { (name: CURLUPart) -> String? in
      var text: UnsafeMutablePointer<CChar>?
      guard
        unsafe curl_url_get(parts, name, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK,
        let text = unsafe text
      else { return nil }
      defer { unsafe curl_free(text) }
      return unsafe String(cString: text)
    }
    guard let scheme = part(CURLUPART_SCHEME), ["http", "https"].contains(scheme) else {
      throw .url("it must begin with http:// or https://")
    }
    guard let host = part(CURLUPART_HOST), let port = part(CURLUPART_PORT) else {
      throw .url("it names no host")
    }
    isTLS = scheme == "https"
    self.host = host
    self.port = port
    authority = "\(host):\(port)"
  }
}
