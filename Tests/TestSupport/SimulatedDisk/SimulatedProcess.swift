import Glibc
import SystemCalls

/// The system calls of one process on a ``SimulatedDisk``. Each can be made to fail, to lie, or to be the last; one that was ended
/// does nothing any more and is told so by an error from every call.
package final class SimulatedProcess: SystemCalls, @unchecked Sendable {
  package let name: String
  let disk: SimulatedDisk
  package internal(set) var isDead = false
  /// How many calls it made that can fail.
  package private(set) var calls = 0
  /// Asked before every call that can fail; what others do at that moment, it does.
  package var before: ((SimulatedCall) -> SimulatedCall.Action)?
  /// Asked before a call that writes, for the bytes that are to be written instead.
  package var forging: ((SimulatedCall, [UInt8]) -> [UInt8])?
  /// Told when it sleeps.
  package var sleeping: (() -> Void)?

  /// So many calls come of no work, but of going round in circles.
  private static let callsMax = 200_000
  /// A sleep may take longer than was asked for: this long at least.
  private static let sleepNanosecondsMin: Int64 = 300_000_000

  init(_ name: String, _ disk: SimulatedDisk) {
    self.name = name
    self.disk = disk
  }

  // MARK: Before a call

  enum Permit {
    case proceed
    case lie
    case limit(Int)
    case last(then: SimulatedCall.Action)
    case truncate(Int)
  }

  func enter(
    _ name: SimulatedCall.Name, _ path: String, bytes: Int = 0
  ) throws(SystemCallError) -> Permit {
    func failure(_ errno: Int32) -> SystemCallError {
      SystemCallError(name.rawValue, path, errno: errno)
    }
    guard !isDead else { throw failure(EIO) }
    calls += 1
    if calls > Self.callsMax { fatalError("\(self.name) goes round in circles: \(name) \(path)") }
    disk.pass(nanoseconds: Int64(disk.chance.next() % 50_000))
    guard let before else { return .proceed }
    let action = before(SimulatedCall(name: name, path: path, bytes: bytes))
    // It may have ended while others were at work.
    guard !isDead else { throw failure(EIO) }
    switch action {
    case .proceed: return .proceed
    case .fail(let errno): throw failure(errno)
    case .limit(let bytes): return .limit(bytes)
    case .lie: return .lie
    case .truncate(let bytes): return .truncate(bytes)
    case .kill, .cutPower:
      if name == .write { return .last(then: action) }
      end(action)
      throw failure(EIO)
    }
  }

  func enter(
    _ name: SimulatedCall.Name, _ descriptor: Int32, bytes: Int = 0
  ) throws(SystemCallError) -> (Permit, SimulatedDisk.OpenFile) {
    let permit = try enter(
      name, disk.descriptors[descriptor]?.path ?? "descriptor \(descriptor)", bytes: bytes)
    guard let file = disk.descriptors[descriptor] else {
      throw SystemCallError(name.rawValue, "descriptor \(descriptor)", errno: EBADF)
    }
    return (permit, file)
  }

  func end(_ action: SimulatedCall.Action) {
    if case .kill = action { disk.kill(self) } else { disk.cutPower() }
  }

  // MARK: Time and chance

  package func realtimeNanoseconds() -> Int64 { disk.realtime }
  package func monotonicNanoseconds() -> Int64 { disk.monotonic }

  package func sleep(nanoseconds: Int64) {
    disk.pass(nanoseconds: max(nanoseconds, Self.sleepNanosecondsMin))
    sleeping?()
  }

  package func random() -> UInt64 { disk.chance.next() }
}
