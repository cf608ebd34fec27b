private import CLinux
import Glibc
package import SystemCalls

/// A listening socket: made here, or handed over by the process's starter. The file of a Unix socket
/// made here is removed again, if it is still the same one.
package final class Listener: Sendable {
  let descriptor: Int32
  package let description: String
  private let ownedPath: (path: String, inode: UInt64)?
  private let system: any SystemCalls

  /// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
  static let backlog: Int32 = 4096

  /// A socket of our own. `mode` is for a Unix socket's file. One that nobody answers on is left over
  /// from a process that was killed, and is replaced.
  package init(
    _ address: ListenAddress, mode: UInt32, system: any SystemCalls
  ) throws(ListenError) {
    self.system = system
    description = address.description
    descriptor = socket(
      address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
      0)
    do throws(SystemCallError) {
      guard descriptor >= 0 else { throw SystemCallError("socket", "") }
      ownedPath = try Self.bind(descriptor, address, mode: mode, system)
      guard listen(descriptor, Self.backlog) == 0 else { throw SystemCallError("listen", "") }
    } catch {
      let failure = Self.explain(error, address, system)
      if descriptor >= 0 { close(descriptor) }
      throw failure
    }
  }

  /// A socket that was handed over, by its number.
  package init(inherited descriptor: Int32, system: any SystemCalls) throws(ListenError) {
    guard Self.isListening(descriptor) else {
      throw .notListening(descriptor: descriptor)
    }
    // Accepting must not block: another process may share the socket and be faster.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
    self.system = system
    description = "descriptor \(descriptor)"
    ownedPath = nil
  }

  deinit {
    retire()
    system.close(descriptor)
  }

  /// Lets no new connection come to a Unix socket of our own; those that wait can still be accepted.
  func retire() {
    guard let ownedPath, let status = try? system.lstat(ownedPath.path),
      status.inode == ownedPath.inode
    else { return }
    try? system.unlink(ownedPath.path)
  }

  package static func isListening(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0
      && value == 1
  }

  /// Whether a connection waits to be accepted.
  var hasWaiting: Bool { EventPoll.isReady(descriptor, for: .readable) }

  enum Acceptance {
    case connection(Int32)
    /// Somebody else took it, or it ended before it was taken.
    case gone
    /// The process or the machine has no room for a connection at the moment.
    case exhausted(SystemCallError)
    case failed(SystemCallError)
  }

  func accept() -> Acceptance {
    let connection = clinux_accept4(descriptor, Int32(SOCK_CLOEXEC.rawValue))
    if connection >= 0 { return .connection(connection) }
    let error = SystemCallError("accept4", description)
    switch error.errno {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(error)
    case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT: return .failed(error)
    // accept(2): errors already pending on the new connection come out here too.
    default: return .gone
    }
  }

  // MARK: Binding

  private static func bind(
    _ descriptor: Int32, _ address: ListenAddress, mode: UInt32, _ system: any SystemCalls
  ) throws(SystemCallError) -> (path: String, inode: UInt64)? {
    guard case .unix(let path) = address else {
      var yes: Int32 = 1
      unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      try bind(descriptor, to: address)
      return nil
    }
    do throws(SystemCallError) {
      try bind(descriptor, to: address)
    } catch  where error.errno == EADDRINUSE && isStale(address, path, system) {
      try system.unlink(path)
      try bind(descriptor, to: address)
    }
    // Before listen(2): until then whoever connects is refused.
    guard unsafe Glibc.chmod(path, mode) == 0 else { throw SystemCallError("chmod", path) }
    return (path, try system.lstat(path).inode)
  }

  private static func bind(
    _ descriptor: Int32, to address: ListenAddress
  ) throws(SystemCallError) {
    let result = unsafe address.withSocketAddress { unsafe Glibc.bind(descriptor, $0, $1) }
    guard result == 0 else { throw SystemCallError("bind", address.description) }
  }

  /// Whether the file is a socket on which nobody listens.
  private static func isStale(
    _ address: ListenAddress, _ path: String, _ system: any SystemCalls
  ) -> Bool {
    guard let status = try? system.lstat(path), status.mode & S_IFMT == S_IFSOCK else {
      return false
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return false }
    defer { close(probe) }
    return unsafe address.withSocketAddress { unsafe connect(probe, $0, $1) } != 0
      && errno == ECONNREFUSED
  }

  private static func explain(
    _ error: SystemCallError, _ address: ListenAddress, _ system: any SystemCalls
  ) -> ListenError {
    guard error.errno == EADDRINUSE else { return .system(address, error) }
    if case .unix(let path) = address, let status = try? system.lstat(path),
      status.mode & S_IFMT != S_IFSOCK
    {
      return .notSocket(path: path)
    }
    return .served(address)
  }
}
