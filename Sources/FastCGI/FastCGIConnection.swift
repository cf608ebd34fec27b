import CFastCGI
import Glibc
import SystemCalls

/// One connection of a web server, and the request that is on it. libfcgi reads and writes the records;
/// it neither accepts nor closes: the descriptor's life is decided here. It is in one worker's hands; only the answer may
/// come from another thread, while the worker waits for it.
@safe final class FastCGIConnection: Request, @unchecked Sendable {
  private enum Answer {
    case owed
    /// `goesOn`: another request may follow.
    case sent(goesOn: Bool)
    /// The peer has no room for it, or more to say before: for the worker to send, who may wait for that.
    case left(Response)

    var isOwed: Bool { if case .owed = self { true } else { false } }
  }

  let descriptor: Int32
  private let wait: PeerWait
  private let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
  private let mayGoOn: @Sendable (FastCGIConnection) -> Bool
  /// Who made this.
  private let worker = pthread_self()
  /// Whether the request was read to its end; nil: not looked at yet.
  private var isDrained: Bool?
  private let answer = Monitor(Answer.owed)
  private let answered = Condition()
  /// How often a worker looks whether its peer was answered that says nothing more.
  private let lookMilliseconds: Int32

  /// How much of a body nobody wants is read away, so that the peer, still sending, sees the answer
  /// instead of a broken connection.
  static let drainedBytesMax = 64 * 1_048_576

  /// Takes over an accepted connection. The socket has no time-outs of its own, which the kernel would count at every read:
  /// who waits too long is ended by ``PeerWaits``. `mayGoOn` is asked after each answer whether another request is welcome.
  init(
    _ wait: PeerWait, lookMilliseconds: Int32,
    mayGoOn: @escaping @Sendable (FastCGIConnection) -> Bool
  ) {
    self.wait = wait
    self.lookMilliseconds = lookMilliseconds
    self.mayGoOn = mayGoOn
    descriptor = wait.descriptor
    unsafe FCGX_InitRequest(request, -1, 0)
    unsafe request.pointee.ipcFd = descriptor
  }

  /// Returns when the peer begins another request, or false at the connection's end, which may be the peer's or ours.
  func awaitRequest() -> Bool {
    while !isReadable(within: -1) {}
    return wait.beginRequest()
  }

  func isReadable(within milliseconds: Int32) -> Bool {
    isReady(POLLIN, within: milliseconds)
  }

  /// Whether a write of some hundred bytes would return at once.
  private var isWritable: Bool { isReady(POLLOUT, within: 0) }

  private func isReady(_ event: Int32, within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    return unsafe poll(&entry, 1, milliseconds) > 0
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
    answer.withLock { $0 = .owed }
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

  /// Answers the request. Called once, by any thread; one that is not the connection's worker never waits for the peer.
  func reply(_ response: Response) {
    if pthread_equal(worker, pthread_self()) != 0 {
      settle(.sent(goesOn: sendInTime(response) && mayGoOn(self)))
    } else if isDrained != nil, isWritable {
      let goesOn = send(response) && mayGoOn(self)
      // The worker sleeps on until there is something for it: another request, or this end.
      if !goesOn { shutdown(descriptor, Int32(SHUT_RDWR)) }
      settle(.sent(goesOn: goesOn))
    } else {
      settle(.left(response))
    }
  }

  private func settle(_ new: Answer) {
    answer.withLock { $0 = new }
    answered.signal()
  }

  /// Returns once the request is answered: whether another one may follow.
  func awaitAnswer() -> Bool {
    while true {
      switch answer.withLock({ $0 }) {
      case .sent(let goesOn): return goesOn
      case .left(let response): return sendInTime(response) && mayGoOn(self)
      case .owed: break
      }
      // The peer's next request wakes this thread up, so that nobody has to when it is answered. What comes sooner is the
      // peer's end, or a request that it has not waited with.
      if isReadable(within: lookMilliseconds) {
        answer.wait(for: answered) { $0.isOwed ? nil : () }
      }
    }
  }

  private func sendInTime(_ response: Response) -> Bool {
    wait.during(.answer) { send(response) }
  }

  /// Reads to the end of the body, without which the rest would be taken for the next request, then
  /// answers. Returns whether the connection can carry another request and the peer wants it to.
  private func send(_ response: Response) -> Bool {
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
    return drained && errorClosed && outputClosed && wanted
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

  /// By its worker, when no answer is owed.
  func end() {
    unsafe FCGX_Free(request, 0)
    // -1 where libfcgi has closed it after an error.
    if unsafe request.pointee.ipcFd >= 0 { _ = close(descriptor) }
  }

  deinit { unsafe request.deallocate() }
}
