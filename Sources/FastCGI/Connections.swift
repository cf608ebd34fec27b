import Glibc
import SystemCalls

/// The open connections of a server, by number. One whose peer keeps it waiting for too long is ended: it is shut here, and
/// closed by whoever has it in hand or is told of its end.
final class Connections: Sendable {
  private struct State {
    var open: [UInt64: FastCGIConnection] = [:]
    var isClosed = false

    func waiting(_ kinds: [PeerWait.Kind], since latest: Int64) -> [Waiting] {
      open.values.compactMap { connection in
        guard let (kind, since) = connection.wait.current, since <= latest, kinds.contains(kind)
        else { return nil }
        return Waiting(connection: connection, kind: kind, since: since)
      }
    }
  }

  private struct Waiting {
    let connection: FastCGIConnection
    let kind: PeerWait.Kind
    let since: Int64
  }

  private let state = Monitor(State())
  /// Open once there are no connections and there will be none.
  let over: Latch

  init() throws(SystemCallError) {
    over = try Latch()
  }

  subscript(number: UInt64) -> FastCGIConnection? { state.withLock { $0.open[number] } }

  var count: Int { state.withLock { $0.open.count } }

  func add(_ connection: FastCGIConnection) {
    state.withLock { $0.open[connection.number] = connection }
  }

  /// Ends a connection that nobody else has in hand.
  func end(_ connection: FastCGIConnection) {
    // Before the descriptor is closed: its number may be another connection's then.
    let isLast = state.withLock { state in
      state.open[connection.number] = nil
      return state.isClosed && state.open.isEmpty
    }
    connection.close()
    if isLast { over.open() }
  }

  /// No connection will be added.
  func close() {
    let isEmpty = state.withLock { state in
      state.isClosed = true
      return state.open.isEmpty
    }
    if isEmpty { over.open() }
  }

  /// Ends those that have waited for one of these things since then, or since before that.
  func end(_ kinds: [PeerWait.Kind], since latest: Int64 = .max) {
    state.withLock { state in
      for waiting in state.waiting(kinds, since: latest) { Self.end(waiting) }
    }
  }

  /// Ends of these the one that has waited for longest.
  func endLongest(_ kinds: [PeerWait.Kind], since latest: Int64) {
    state.withLock { state in
      let longest = state.waiting(kinds, since: latest).min { $0.since < $1.since }
      if let longest { Self.end(longest) }
    }
  }

  private static func end(_ waiting: Waiting) {
    let (connection, kind) = (waiting.connection, waiting.kind)
    switch kind {
    // For what has come in this moment, or could be sent, the workers have had no time so far.
    case .opening, .idle, .room:
      guard !(kind == .room ? connection.isWritable : connection.isReadable) else { return }
      if connection.wait.endUnattended() { shutdown(connection.descriptor, Int32(SHUT_RDWR)) }
    // What was received is read before the end, and the peer is told of a body that is cut short.
    case .request: shutdown(connection.descriptor, Int32(SHUT_RD))
    case .answer: shutdown(connection.descriptor, Int32(SHUT_RDWR))
    }
  }
}
