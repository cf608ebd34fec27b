import CFastCGI
import Glibc
import SystemCalls

/// One connection of a web server, and the request that is on it. libfcgi reads and writes the records;
/// it neither accepts nor closes: the descriptor's life is decided here. It is in one thread's hands: the worker's that it is
/// named to, then that of whoever answers.
@safe final class FastCGIConnection: Request, @unchecked Sendable {
  /// What is to come after an answer was given, or was not.
  enum Turn {
    /// Another request may follow.
    case request
    /// The answer has to wait for the peer: ``sendUnsent()``.
    case answer
    case end
  }

  let number: UInt64
  let descriptor: Int32
  let wait: PeerWait
  private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
  private let goOn: @Sendable (FastCGIConnection, Turn) -> Void
  /// Whether a poll knows it.
  private var isPolled = false
  /// Whether the request was read to its end; nil: not looked at yet.
  private var isDrained: Bool?
  /// What could not be sent without waiting for the peer.
  private var unsent: Response?

  /// How much of a body nobody wants is read away, so that the peer, still sending, sees the answer
  /// instead of a broken connection.
  static let drainedBytesMax = 64 * 1_048_576

  /// Takes over an accepted connection. The socket has no time-outs of its own, which the kernel would count at every read:
  /// who waits too long is ended by ``Connections``. With the call of `goOn` the connection is no longer in the caller's hands.
  init(
    _ descriptor: Int32, number: UInt64, _ system: any SystemCalls,
    goOn: @escaping @Sendable (FastCGIConnection, Turn) -> Void
  ) {
    self.number = number
    self.descriptor = descriptor
    self.goOn = goOn
    wait = PeerWait(system)
    unsafe FCGX_InitRequest(request, -1, 0)
    unsafe request.pointee.ipcFd = descriptor
  }

  var isReadable: Bool { EventPoll.isReady(descriptor, for: .readable) }

  /// Whether a write of some hundred bytes would return at once.
  var isWritable: Bool { EventPoll.isReady(descriptor, for: .writable) }

  func arm(in poll: EventPoll, for event: EventPoll.Event) throws(SystemCallError) {
    if isPolled { return poll.arm(descriptor, number: number, for: event) }
    // Before: from then on it is in another's hands.
    isPolled = true
    try poll.add(descriptor, number: number, for: event)
  }

  /// Reads the start of the next request, up to its body; the wait for it has begun. Returns false when there is none: the
  /// peer has closed the connection, was silent for too long, or does not speak FastCGI.
  func readRequest() -> Bool {
    // FCGX_Accept_r first finishes the request before, which ``send(_:)`` has done already, and would
    // close the connection unless this is set. On an error it closes the connection, without the two
    // seconds of waiting for the peer that `detached` turns off, and tries to accept another one; the
    // listening socket -1 makes that fail at once.
    unsafe request.pointee.keepConnection = 1
    unsafe request.pointee.detached = 1
    isDrained = nil
    defer { wait.end() }
    guard unsafe FCGX_Accept_r(request) == 0 else { return false }
    // It also takes a connection that breaks off among the parameters for the end of the parameters.
    return unsafe FCGX_GetError(request.pointee.in) == 0
  }

  /// As FCGX_GetParam, which compares a name with each of the others for longer than its first letter.
  func parameter(_ name: StaticString) -> String? {
    let count = name.utf8CodeUnitCount
    let wanted = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    guard var place = unsafe request.pointee.envp else { return nil }
    while let entry = unsafe place.pointee {
      // "NAME=value", which ends in a NUL.
      if unsafe entry[0] == wanted[0], unsafe strncmp(entry, wanted, count) == 0,
        unsafe entry[count] == CChar(UInt8(ascii: "="))
      {
        return unsafe String(cString: entry + count + 1)
      }
      unsafe place += 1
    }
    return nil
  }

  func readBody(bytesMax: Int) -> RequestBody {
    let body = RequestBody.read(
      declared: parameter("CONTENT_LENGTH"), bytesMax: bytesMax
    ) { count in
      wait.during(.request) { readChunk(count) }
    }
    // Who answers may have no time for what is still to come.
    if case .whole = body { isDrained = wait.during(.request) { drain() } }
    return body
  }

  /// FCGX_GetStr tells an error from the end in no way: FCGX_GetError does.
  private func readChunk(_ count: Int) -> RequestBody.Chunk {
    var bytes: [UInt8] = []
    bytes.append(addingCapacity: count) { room in
      unsafe room.withUnsafeMutableBufferPointer { buffer, initialized in
        initialized = unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
          unsafe Int(FCGX_GetStr(characters.baseAddress, Int32(count), request.pointee.in))
        }
      }
    }
    if !bytes.isEmpty { return .bytes(bytes) }
    return unsafe FCGX_GetError(request.pointee.in) == 0 ? .end : .failed
  }

  /// Answers the request. Called once, by any thread, which never waits for the peer: where the peer has no room for the answer,
  /// or more to say before, that is left.
  func reply(_ response: Response) {
    if isDrained != nil, isWritable {
      goOn(self, send(response))
    } else {
      unsent = response
      goOn(self, .answer)
    }
  }

  /// Gives the answer that was left, by a worker, who may wait for the peer; that wait has begun.
  func sendUnsent() {
    guard let response = unsent else { return }
    unsent = nil
    let turn = send(response)
    wait.end()
    goOn(self, turn)
  }

  /// Reads to the end of the body, without which the rest would be taken for the next request, then
  /// answers. Another request may follow if the connection can carry it and the peer wants it to.
  private func send(_ response: Response) -> Turn {
    let drained = isDrained ?? drain()
    let bytes = response.bytes
    _ = unsafe bytes.withUnsafeBytes { bytes in
      unsafe FCGX_PutStr(
        bytes.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(bytes.count),
        request.pointee.out)
    }
    // In this order: the last stream to close also writes the record that ends the request.
    let errorClosed = unsafe FCGX_FClose(request.pointee.err) == 0
    let outputClosed = unsafe FCGX_FClose(request.pointee.out) == 0
    let wanted = unsafe request.pointee.keepConnection != 0
    unsafe FCGX_Free(request, 0)
    return drained && errorClosed && outputClosed && wanted ? .request : .end
  }

  private func drain() -> Bool {
    // Nearly always there is nothing more.
    if unsafe FCGX_GetChar(request.pointee.in) == EOF {
      return unsafe FCGX_GetError(request.pointee.in) == 0
    }
    var left = Self.drainedBytesMax
    while left > 0 {
      switch readChunk(8192) {
      case .bytes(let bytes): left -= bytes.count
      case .end: return true
      case .failed: return false
      }
    }
    return false
  }

  /// When no answer is owed, by whoever has it in hand.
  func close() {
    unsafe FCGX_Free(request, 0)
    // -1 where libfcgi has closed it after an error.
    if unsafe request.pointee.ipcFd >= 0 { _ = Glibc.close(descriptor) }
  }

  deinit { unsafe request.deallocate() }
}
