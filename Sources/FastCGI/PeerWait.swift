import Synchronization
import SystemCalls

/// What a connection waits for, and since when. It is a worker's while it waits for a part of something; between one thing and
/// the next it has none.
final class PeerWait: Sendable {
  enum Kind: Int64, CaseIterable {
    /// For its first request.
    case opening = 1
    /// For another request.
    case idle
    /// For the peer to read the answer before.
    case room
    /// A worker waits for the peer to send more of its request.
    case request
    /// A worker waits for the peer to take the answer.
    case answer

    var hasWorker: Bool { self == .request || self == .answer }
  }

  private let system: any SystemCalls
  /// 0: nothing. Otherwise since when, in nanoseconds of the monotonic clock, and in the last three bits for what.
  private let mark = Atomic<Int64>(0)
  /// Waits for nothing any more.
  private static let ended: Int64 = .min

  init(_ system: any SystemCalls) {
    self.system = system
  }

  func during<Result>(_ kind: Kind, _ body: () -> Result) -> Result {
    begin(kind)
    defer { end() }
    return body()
  }

  func begin(_ kind: Kind) { mark.store(now(kind), ordering: .releasing) }

  func end() { mark.store(0, ordering: .releasing) }

  /// By the worker that the connection is named to, which now waits for the rest: returns what it has waited for. nil: it was
  /// ended before. Of a connection without a worker one of the two comes true, never both, so that no request is begun and then
  /// cut off.
  func takeUp() -> Kind? {
    leave { $0 == .room ? now(.answer) : now(.request) }
  }

  /// False: it is not without a worker, or has ended already.
  func endUnattended() -> Bool { leave { _ in Self.ended } != nil }

  private func leave(for next: (Kind) -> Int64) -> Kind? {
    let mark = mark.load(ordering: .acquiring)
    guard let kind = Kind(rawValue: mark & 7), !kind.hasWorker else { return nil }
    let isFirst = self.mark.compareExchange(
      expected: mark, desired: next(kind), ordering: .acquiringAndReleasing
    ).exchanged
    return isFirst ? kind : nil
  }

  private func now(_ kind: Kind) -> Int64 { system.monotonicNanoseconds() << 3 | kind.rawValue }

  var current: (kind: Kind, since: Int64)? {
    let mark = mark.load(ordering: .relaxed)
    return Kind(rawValue: mark & 7).map { ($0, mark >> 3) }
  }
}
