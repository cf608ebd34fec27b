import Glibc
import SystemCalls

/// The connections that workers have in hand. When there are no more workers to be had, one whose peer keeps its worker
/// waiting for long is ended, so that peers which say little, however many, take nothing from those that have something to
/// say.
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

  /// Ends the connection that has been silent longest; where none is, the one that has been at its request longest. Its
  /// worker finds it at its end.
  func endLongest(now: Int64) {
    waits.withLock { waits in
      var silent: (descriptor: Int32, since: Int64)?
      var slow: (descriptor: Int32, since: Int64)?
      for wait in waits.values {
        guard let (kind, since) = wait.current, now - since >= Self.nanosecondsMin else { continue }
        switch kind {
        case .idle:
          if since < silent?.since ?? .max, Self.isSilent(wait.descriptor) {
            silent = (wait.descriptor, since)
          }
        case .request: if since < slow?.since ?? .max { slow = (wait.descriptor, since) }
        }
      }
      if let longest = silent ?? slow { shutdown(longest.descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// Nothing has come that the worker has not seen yet.
  private static func isSilent(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) == 0
  }
}
