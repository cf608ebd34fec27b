import Glibc
import SystemCalls

/// The connections that workers have in hand. One whose peer keeps its worker waiting for too long is ended; when there are no
/// more workers to be had, so is one that does so for long, so that peers which say little, however many, take nothing from
/// those that have something to say. A worker finds its connection at its end.
final class PeerWaits: Sendable {
  private let waits = Monitor<[ObjectIdentifier: PeerWait]>([:])

  /// What a peer gets, when there is no worker left, to begin another request, and to send one whole.
  private static let nanosecondsMin: Int64 = 10_000_000_000

  func add(_ wait: PeerWait) {
    waits.withLock { $0[ObjectIdentifier(wait)] = wait }
  }

  /// Before the descriptor is closed: its number may be another connection's then.
  func remove(_ wait: PeerWait) {
    waits.withLock { $0[ObjectIdentifier(wait)] = nil }
  }

  /// Ends the connections whose workers wait since then, or since before that.
  func endAll(since latest: Int64) {
    waits.withLock { waits in
      for wait in waits.values {
        if let (kind, since) = wait.current, since <= latest { Self.end(wait, kind) }
      }
    }
  }

  /// Ends the connection that has been silent longest; where none is, the one that has been at its request longest.
  func endLongest(now: Int64) {
    waits.withLock { waits in
      var silent: (wait: PeerWait, since: Int64)?
      var slow: (wait: PeerWait, kind: PeerWait.Kind, since: Int64)?
      for wait in waits.values {
        guard let (kind, since) = wait.current, now - since >= Self.nanosecondsMin else { continue }
        switch kind {
        case .idle:
          if since < silent?.since ?? .max, Self.isSilent(wait) { silent = (wait, since) }
        case .request, .answer: if since < slow?.since ?? .max { slow = (wait, kind, since) }
        }
      }
      if let silent {
        Self.end(silent.wait, .idle)
      } else if let slow {
        Self.end(slow.wait, slow.kind)
      }
    }
  }

  /// Ends the connections that wait for another request.
  func endIdle() {
    waits.withLock { waits in
      for wait in waits.values where wait.current?.kind == .idle { Self.end(wait, .idle) }
    }
  }

  private static func end(_ wait: PeerWait, _ kind: PeerWait.Kind) {
    switch kind {
    // A request that has come in this moment is served.
    case .idle:
      if isSilent(wait), wait.endIdle() { shutdown(wait.descriptor, Int32(SHUT_RDWR)) }
    // What was received is read before the end, and the peer is told of a body that is cut short.
    case .request: shutdown(wait.descriptor, Int32(SHUT_RD))
    case .answer: shutdown(wait.descriptor, Int32(SHUT_RDWR))
    }
  }

  /// Nothing has come that the worker has not seen yet.
  private static func isSilent(_ wait: PeerWait) -> Bool {
    var entry = pollfd(fd: wait.descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) == 0
  }
}
