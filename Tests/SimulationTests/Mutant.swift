import Spool
import TestSupport

@testable import NoticeSender

/// A fault that the product must not have, made by lies of the system calls, so that the oracle can be seen to find it.
final class Mutant {
  enum Kind: String, CaseIterable {
    /// A writer answers before its record is on the disk.
    case acknowledgementBeforeSync
    case noDirectorySync
    /// Where a torn line is cut off, the whole line before it goes as well.
    case truncationPastNewline
    /// A checkpoint says that what is pending is settled.
    case checkpointBeforeDelivery
    /// A position is recorded in a segment that was not synced.
    case checkpointBeforeSync
  }

  let kind: Kind
  private let disk: SimulatedDisk

  init(_ kind: Kind, _ disk: SimulatedDisk) {
    self.kind = kind
    self.disk = disk
  }

  /// What becomes of a call of `process`.
  func action(_ call: SimulatedCall, of process: SimulatedProcess) -> SimulatedCall.Action {
    let isSegment = call.path.contains("/segments/")
    switch kind {
    case .acknowledgementBeforeSync:
      return call.name == .fdatasync && isSegment ? .lie : .proceed
    case .noDirectorySync: return call.name == .fsync ? .lie : .proceed
    case .truncationPastNewline:
      guard call.name == .ftruncate, isSegment, call.bytes > 0,
        let bytes = disk.bytes(call.path), call.bytes < bytes.count
      else { return .proceed }
      let before = bytes[..<(call.bytes - 1)].lastIndex(of: UInt8(ascii: "\n"))
      return .truncate(to: before.map { $0 + 1 } ?? 0)
    case .checkpointBeforeSync:
      return process.name == "sender" && call.name == .fdatasync && isSegment ? .lie : .proceed
    case .checkpointBeforeDelivery: return .proceed
    }
  }

  /// What is written instead of `bytes`.
  func forged(_ call: SimulatedCall, _ bytes: [UInt8]) -> [UInt8] {
    guard kind == .checkpointBeforeDelivery, call.path.hasSuffix(".json.next"),
      var checkpoint = try? Checkpoint(decoding: bytes)
    else { return bytes }
    checkpoint.unsettled = []
    return (try? checkpoint.encoded()) ?? bytes
  }
}
