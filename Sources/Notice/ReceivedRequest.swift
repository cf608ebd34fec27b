/// What is known of the request that brought a notice, besides its body. Nobody has documented the real
/// caller: these say who and how it was. No access key is among them.
package struct ReceivedRequest: Sendable {
  package var remote: String
  package var method: String
  package var path: String
  /// Without the question mark; nil where there was none.
  package var query: String?
  package var userAgent: String?

  package init(
    remote: String, method: String, path: String, query: String? = nil, userAgent: String? = nil
  ) {
    self.remote = remote
    self.method = method
    self.path = path
    self.query = query
    self.userAgent = userAgent
  }
}
