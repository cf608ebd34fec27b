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
    case .served(let address): "\(address): already served by another process"
    case .notSocket(let path): "\(path): exists and is not a socket"
    case .notListening(let descriptor): "descriptor \(descriptor): is not a listening socket"
    case .system(let address, let error): "\(address): \(error)"
    }
  }
}
