import CLinux
import Glibc
import SystemCalls

/// A TCP server on a free port of the loopback interface: a thread that accepts, and one for each connection, which is closed
/// when its `serve` returns.
final class LoopbackServer: Sendable {
  private struct State {
    /// The connections that are open.
    var descriptors: Set<Int32> = []
    var count = 0
    var threads: [WorkerThread] = []
    var isEnding = false
  }

  let port: Int
  private let state = Monitor(State())
  private let listener: Int32
  private let serve: @Sendable (_ descriptor: Int32, _ number: Int) -> Void

  /// It has its port and refuses every connection until ``start()``. Connections are numbered from 0.
  init(_ serve: @escaping @Sendable (_ descriptor: Int32, _ number: Int) -> Void) throws {
    self.serve = serve
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var address = Self.address(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw SystemCallError("bind", "127.0.0.1:0") }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(listener) }

  /// A connection to a port of 127.0.0.1; nil: nobody is there.
  static func connect(to port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let address = address(port: port)
    let isConnected = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if isConnected { return descriptor }
    close(descriptor)
    return nil
  }

  private static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = in_port_t(port).bigEndian
    return address
  }

  var connectionCount: Int { state.withLock { $0.count } }

  func start() throws {
    guard listen(listener, 1024) == 0 else { throw SystemCallError("listen", "127.0.0.1:\(port)") }
    let thread = try WorkerThread(name: "receiver") { self.accept() }
    state.withLock { $0.threads.append(thread) }
  }

  /// Ends every connection, and returns when no thread is left.
  func end() {
    state.withLock { state in
      state.isEnding = true
      shutdown(listener, Int32(SHUT_RDWR))
      for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    while let thread = state.withLock({ $0.threads.popLast() }) { thread.join() }
  }

  private func accept() {
    while true {
      // A program that another test starts must not keep the connection open.
      let descriptor = clinux_accept4(listener, Int32(SOCK_CLOEXEC.rawValue))
      guard descriptor >= 0 else { return }
      let number = state.withLock { state -> Int? in
        guard !state.isEnding else { return nil }
        state.descriptors.insert(descriptor)
        state.count += 1
        return state.count - 1
      }
      guard let number,
        let thread = try? WorkerThread(
          name: "connection",
          {
            self.serve(descriptor, number)
            self.leave(descriptor)
          })
      else {
        leave(descriptor)
        continue
      }
      state.withLock { $0.threads.append(thread) }
    }
  }

  /// First out of the set, so that ``end()`` never meets a number that somebody else has meanwhile.
  private func leave(_ descriptor: Int32) {
    _ = state.withLock { $0.descriptors.remove(descriptor) }
    close(descriptor)
  }
}
