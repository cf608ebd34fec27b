import Glibc

/// Where to wait for connections, as a person writes it: `unix:PATH`, `HOST:PORT` or `:PORT`. Hosts are
/// numeric or `localhost`: a static binary cannot ask for names.
package enum ListenAddress: Equatable, Sendable, CustomStringConvertible {
  case unix(path: String)
  case ipv4(host: String, port: UInt16)
  case ipv6(host: String, port: UInt16)

  /// sockaddr_un(7): 108 bytes with the NUL.
  static let pathBytesMax = 107

  package struct Invalid: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  package init(_ text: String) throws(Invalid) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { throw Invalid(description: "unix: needs a path after it") }
      guard path.utf8.count <= Self.pathBytesMax else {
        throw Invalid(description: "a socket's path has at most \(Self.pathBytesMax) bytes")
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else {
      throw Invalid(description: "it says neither unix: nor a port")
    }
    guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
      throw Invalid(description: "the port must be a number from 1 to 65535")
    }
    let host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      let inside = String(host.dropFirst().dropLast())
      guard Self.isNumeric(inside, AF_INET6) else {
        throw Invalid(description: "[\(inside)] is not a numeric IPv6 address")
      }
      self = .ipv6(host: inside, port: port)
    } else {
      let number = host.isEmpty || host == "localhost" ? "127.0.0.1" : host
      guard Self.isNumeric(number, AF_INET) else {
        throw Invalid(
          description:
            "the host must be a numeric IPv4 address, a numeric [IPv6] address or localhost")
      }
      self = .ipv4(host: number, port: port)
    }
  }

  private static func isNumeric(_ host: String, _ family: Int32) -> Bool {
    var address = in6_addr()
    return unsafe inet_pton(family, host, &address) == 1
  }

  package var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .ipv4(let host, let port): "\(host):\(port)"
    case .ipv6(let host, let port): "[\(host)]:\(port)"
    }
  }

  var family: Int32 {
    switch self {
    case .unix: AF_UNIX
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    }
  }

  /// Hands `body` the address as bind(2) and connect(2) take it.
  func withSocketAddress(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    switch self {
    case .unix(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
        // Zeroed beyond the path, which ``init(_:)`` has measured.
        unsafe place.copyBytes(from: path.utf8)
      }
      return unsafe Self.withPointer(to: &address, body)
    case .ipv4(let host, let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      unsafe inet_pton(AF_INET, host, &address.sin_addr)
      return unsafe Self.withPointer(to: &address, body)
    case .ipv6(let host, let port):
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      unsafe inet_pton(AF_INET6, host, &address.sin6_addr)
      return unsafe Self.withPointer(to: &address, body)
    }
  }

  private static func withPointer<Address>(
    to address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe body(pointer, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
}
