import Glibc
package import SystemCalls

/// Why nobody can be listened to.
package enum ListenError: Error, CustomStringConvertible {
  /// Another process answers on this address.
  case served(ListenAddress)
  /// The path of the socket is taken by something that is not a socket.
  case notSocket(path: String)
  /// The descriptor that was handed over by the process's starter is no listening stream socket.
  case notListening(descriptor: Int32)
  case system(ListenAddress, SystemCallError)

  package var description: String {
    switch self {
    case .served(let address):
      "\(address): already served by another process: stop that, or listen elsewhere"
    case .notSocket(let path):
      "\(path): exists and is not a socket: move it away, or listen elsewhere"
    case .notListening(let descriptor):
      "descriptor \(descriptor): is not a listening socket: let the starter hand one over, or give --listen"
    case .system(let address, let error):
      "\(address): \(error)" + (Self.remedy(address, error).map { ": \($0)" } ?? "")
    }
  }

  private static func remedy(_ address: ListenAddress, _ error: SystemCallError) -> String? {
    switch (address, error.errno) {
    case (_, EADDRINUSE): "another program has the port: ss -ltnp shows which"
    case (_, EADDRNOTAVAIL): "this host has no such address: ip addr shows those it has"
    case (.ipv4, EACCES), (.ipv6, EACCES): "ports below 1024 are for root: take a higher one"
    default: error.remedy
    }
  }
}
