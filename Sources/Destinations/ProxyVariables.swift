import Glibc

/// The environment's variables by which libcurl chooses a proxy for a destination (libcurl-env(3)).
struct ProxyVariables {
  /// The variable that counts, and its value, which may hold a password; nil: there is no proxy.
  let inForce: (name: String, value: String)?

  init(isTLS: Bool, environment: (String) -> String? = Self.environment) {
    // HTTP_PROXY is none of them: a CGI program gets it from its caller's header "Proxy".
    let names = isTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
    for name in names + ["all_proxy", "ALL_PROXY"] {
      // One that is empty counts as one that is not there.
      guard let value = environment(name), !value.isEmpty else { continue }
      inForce = (name, value)
      return
    }
    inForce = nil
  }

  /// Whether `host` is the proxy's, as libcurl names it.
  func names(_ host: some StringProtocol) -> Bool {
    inForce.map { $0.value.contains(host) } ?? false
  }

  private static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
