import Synchronization
import SystemCalls

/// One connection in a worker's hands, and whether the worker waits for its peer.
final class PeerWait: Sendable {
  enum Kind: Int64 {
    /// For another request, until its head is whole.
    case idle = 1
    /// For the next part of a request's body.
    case body
    /// To take the answer.
    case answer
  }

  let descriptor: Int32
  private let system: any SystemCalls
  /// 0: the worker does not wait. Otherwise since when, in nanoseconds of the monotonic clock, and in the last two bits for what.
  private let mark = Atomic<Int64>(0)

  init(descriptor: Int32, _ system: any SystemCalls) {
    self.descriptor = descriptor
    self.system = system
  }

  func during<Result>(_ kind: Kind, _ body: () -> Result) -> Result {
    begin(kind)
    defer { end() }
    return body()
  }

  func begin(_ kind: Kind) {
    mark.store(system.monotonicNanoseconds() << 2 | kind.rawValue, ordering: .relaxed)
  }

  func end() { mark.store(0, ordering: .relaxed) }

  var current: (kind: Kind, since: Int64)? {
    let mark = mark.load(ordering: .relaxed)
    return Kind(rawValue: mark & 3).map { ($0, mark >> 2) }
  }
}
