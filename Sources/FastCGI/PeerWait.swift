import Synchronization
import SystemCalls

/// One connection in a worker's hands, and whether the worker waits for its peer.
final class PeerWait: Sendable {
  enum Kind: Int64 {
    /// To begin another request.
    case idle = 1
    /// To send more of the request.
    case request
    /// To take the answer.
    case answer
  }

  let descriptor: Int32
  private let system: any SystemCalls
  /// 0: the worker does not wait. Otherwise since when, in nanoseconds of the monotonic clock, and in the last two bits for what.
  private let mark = Atomic<Int64>(0)
  /// Waits for nothing any more.
  private static let ended: Int64 = .min

  init(descriptor: Int32, _ system: any SystemCalls) {
    self.descriptor = descriptor
    self.system = system
  }

  func during<Result>(_ kind: Kind, _ body: () -> Result) -> Result {
    begin(kind)
    defer { end() }
    return body()
  }

  func begin(_ kind: Kind) { mark.store(now(kind), ordering: .relaxed) }

  func end() { mark.store(0, ordering: .relaxed) }

  /// By the worker, when its peer has begun a request. False: the connection was ended before. Of an idle connection one of the
  /// two comes true, never both, so that no request is begun and then cut off.
  func beginRequest() -> Bool { leaveIdle(for: now(.request)) }

  /// False: it is not idle.
  func endIdle() -> Bool { leaveIdle(for: Self.ended) }

  private func leaveIdle(for next: Int64) -> Bool {
    let mark = mark.load(ordering: .relaxed)
    guard Kind(rawValue: mark & 3) == .idle else { return false }
    return self.mark.compareExchange(expected: mark, desired: next, ordering: .relaxed).exchanged
  }

  private func now(_ kind: Kind) -> Int64 { system.monotonicNanoseconds() << 2 | kind.rawValue }

  var current: (kind: Kind, since: Int64)? {
    let mark = mark.load(ordering: .relaxed)
    return Kind(rawValue: mark & 3).map { ($0, mark >> 2) }
  }
}
