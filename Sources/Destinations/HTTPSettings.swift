/// How records are handed to an HTTP receiver. ``HTTPDestination`` checks the values when it is made.
package struct HTTPSettings: Sendable, Equatable {
  /// `http` or `https`. User name and password in it are sent as Basic authentication.
  package var url: String
  package var body: BodyForm
  package var userAgent: String
  /// Any token (RFC 9110 §9.1) of a request that has a body and an answer with one.
  package var method = "POST"
  /// Deliveries under way at once.
  package var concurrencyMax = 32
  package var connectTimeoutSeconds = 10
  /// From the beginning of a delivery to the end of its answer, name look-up and TLS included.
  package var timeoutSeconds = 30
  /// Sent with every delivery; one that the destination would send itself takes its place.
  package var headers: [HTTPHeader] = []
  /// PEM files. Without `caFile` the system's authorities count.
  package var caFile: String?
  package var clientCertificateFile: String?
  package var clientKeyFile: String?
  /// Whether `webhook-id` and `webhook-timestamp` are sent (Standard Webhooks). Off at first for `original`: it
  /// goes to receivers that were made for the platform's own requests.
  package var webhookHeaders: Bool
  /// Each signs every request (`webhook-signature`): several while a receiver goes over from one to another. With any,
  /// the other webhook headers are sent as well.
  package var signingSecrets: [WebhookSecret] = []
  /// nil: a request for each record.
  package var batch: BatchSettings?

  package init(url: String, body: BodyForm, userAgent: String) {
    self.url = url
    self.body = body
    self.userAgent = userAgent
    webhookHeaders = body != .original
  }

  /// The settings of the destinations that carry this out side by side, each on a thread: two where there is much to send at
  /// once, as one thread's time is what limits it. Batches are collected in one place.
  package func shares() throws(HTTPSettingsError) -> [HTTPSettings] {
    try validate()
    guard batch == nil, concurrencyMax >= Self.sharedConcurrencyMin else { return [self] }
    let half = concurrencyMax / 2
    return [concurrencyMax - half, half].map { concurrencyMax in
      var share = self
      share.concurrencyMax = concurrencyMax
      return share
    }
  }

  private static let sharedConcurrencyMin = 16

  /// Checks what no type checks; the URL is checked by ``HTTPEndpoint``.
  package func validate() throws(HTTPSettingsError) {
    guard HTTPHeader.isToken(method) else { throw .method(method, "is no HTTP method") }
    guard !["HEAD", "CONNECT"].contains(method) else {
      throw .method(method, "cannot carry a body and bring an answer back")
    }
    for (name, value) in [
      ("concurrency", concurrencyMax), ("connect timeout", connectTimeoutSeconds),
      ("timeout", timeoutSeconds),
    ] where !Self.numberRange.contains(value) {
      throw .number(name, value, Self.numberRange)
    }
    try batch?.validate()
    for header in headers + [HTTPHeader("User-Agent", userAgent)] { try header.validate() }
    guard clientKeyFile == nil || clientCertificateFile != nil else { throw .keyWithoutCertificate }
  }

  /// A day in seconds, and more connections than a host has ports for.
  static let numberRange = 1...86_400
}

/// A setting by which nothing could ever be delivered.
package enum HTTPSettingsError: Error, Equatable, CustomStringConvertible {
  case url(String)
  case method(String, String)
  case number(String, Int, ClosedRange<Int>)
  case header(String)
  case keyWithoutCertificate

  package var description: String {
    switch self {
    case .url(let reason): "URL: \(reason)"
    case .method(let method, let reason): "method \(method): \(reason)"
    case .number(let name, let value, let range):
      "\(name) \(value): must be from \(range.lowerBound) to \(range.upperBound)"
    case .header(let reason): "header \(reason)"
    case .keyWithoutCertificate: "a client key is of no use without its certificate"
    }
  }
}
