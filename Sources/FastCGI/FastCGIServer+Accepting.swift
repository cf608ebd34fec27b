import Glibc
import SystemCalls

/// One at a time is accepted, by the worker that the listening socket is named to.
extension FastCGIServer {
  struct Acceptor {
    /// nil once there is nothing more to accept.
    var listener: Listener?
    var lastNumber = FastCGIServer.leaveNumber
  }

  func accept() {
    let connection = acceptor.withLock { acceptor -> FastCGIConnection? in
      guard let listener = acceptor.listener else { return nil }
      switch take(&acceptor, listener) {
      case .over: return nil
      case .taken(let connection):
        poll.arm(listener.descriptor, number: Self.listenerNumber, for: .readable)
        return connection
      }
    }
    guard let connection else { return }
    // Nearly always its first request is there; where it is the only one, the connection need not be polled at all.
    if connection.isReadable { serve(connection) } else { arm(connection, for: .readable) }
  }

  /// Those that wait already, while nobody else can come to a socket of our own.
  func acceptLast() {
    acceptor.withLock { acceptor in
      guard let listener = acceptor.listener else { return }
      listener.retire()
      let end = system.monotonicNanoseconds() + Int64(settings.lastAcceptMilliseconds) * 1_000_000
      while listener.hasWaiting, system.monotonicNanoseconds() < end,
        case .taken(let connection) = take(&acceptor, listener)
      {
        if let connection { arm(connection, for: .readable) }
      }
      poll.remove(listener.descriptor)
      acceptor.listener = nil
    }
    connections.close()
  }

  private enum Taking {
    case taken(FastCGIConnection?)
    /// There is nothing more to accept.
    case over
  }

  private func take(_ acceptor: inout Acceptor, _ listener: Listener) -> Taking {
    switch accept(from: listener) {
    case .connection(let descriptor):
      acceptor.lastNumber += 1
      return .taken(open(descriptor, number: acceptor.lastNumber))
    case .gone: return .taken(nil)
    case .exhausted(let error):
      report(.acceptPutOff(error))
      connections.endLongest(
        [.opening, .idle, .room], since: system.monotonicNanoseconds() - Self.scarceNanosecondsMax)
      system.sleep(nanoseconds: 100_000_000)
      return .taken(nil)
    case .failed(let error):
      state.withLock { $0.failure = error }
      stop()
      return .over
    }
  }

  private func accept(from listener: Listener) -> Listener.Acceptance {
    guard connections.count < settings.connectionsMax else {
      return .exhausted(SystemCallError("accept4", listener.description, errno: EMFILE))
    }
    return listener.accept()
  }

  private func open(_ descriptor: Int32, number: UInt64) -> FastCGIConnection {
    let connection = FastCGIConnection(descriptor, number: number, system) { self.goOn($0, $1) }
    connection.wait.begin(.opening)
    connections.add(connection)
    return connection
  }
}
