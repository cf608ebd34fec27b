/// What became of a connection that was tried without a delivery.
package enum ConnectionTrial: Sendable, Equatable {
  /// It was made, to this host and port.
  case made(peer: String)
  /// The proxy's was made; the proxy connects to the destination only when something is delivered.
  case madeToProxy(peer: String)
  case failed(reason: String)
}
