import Glibc
import SystemCalls

/// The threads of an ``HTTPReceiver``: one that accepts, and one for each connection.
final class HTTPReceiverServer: Sendable {
  struct State {
    var requests: [HTTPReceiver.Request] = []
    var connectionCount = 0
    /// The connections that are open.
    var descriptors: Set<Int32> = []
    var threads: [WorkerThread] = []
    var isEnding = false
  }

  let port: Int
  let state = Monitor(State())
  private let listener: Int32
  private let keepsRequests: Bool
  private let answer: @Sendable (HTTPReceiver.Request) -> HTTPReceiver.Answer

  init(
    keepsRequests: Bool,
    answer: @escaping @Sendable (HTTPReceiver.Request) -> HTTPReceiver.Answer
  ) throws {
    self.keepsRequests = keepsRequests
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
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
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      let number = state.withLock { state -> Int? in
        guard !state.isEnding else { return nil }
        state.descriptors.insert(descriptor)
        state.connectionCount += 1
        return state.connectionCount - 1
      }
      guard let number,
        let thread = try? WorkerThread(name: "connection", { self.serve(descriptor, number) })
      else {
        leave(descriptor)
        continue
      }
      state.withLock { $0.threads.append(thread) }
    }
  }

  private func serve(_ descriptor: Int32, _ number: Int) {
    var connection = HTTPReceiverConnection(descriptor: descriptor, number: number)
    while let request = connection.readRequest() {
      if keepsRequests { state.withLock { $0.requests.append(request) } }
      guard connection.send(answer(request)) else { break }
    }
    leave(descriptor)
  }

  /// First out of the set, so that ``end()`` never meets a number that somebody else has meanwhile.
  private func leave(_ descriptor: Int32) {
    _ = state.withLock { $0.descriptors.remove(descriptor) }
    close(descriptor)
  }
}
