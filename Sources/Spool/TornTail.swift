import Glibc
import SystemCalls

/// The bytes behind the last newline of a segment: a line that was never finished. They are never part of the spool,
/// and never thrown away unseen.
enum TornTail {
  /// Where the last whole line ends: 0 where there is none.
  static func lineEnd(
    of descriptor: Int32, size: Int, _ system: any SystemCalls
  ) throws(SystemCallError) -> Int {
    // The usual case needs one byte; a torn line is looked through backwards in steps that grow.
    var end = size
    var step = 1
    while end > 0 {
      let start = max(0, end - step)
      let bytes = try read(descriptor, start..<end, system)
      if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
      end = start
      step = min(step * 64, 1 << 20)
    }
    return 0
  }

  /// Keeps the bytes from `start` to `end` in quarantine, then cuts the segment at `start`. Where the quarantine takes
  /// nothing more (a full disk), the bytes of a line that nobody was promised go.
  static func cut(
    _ segment: ActiveSegment, from start: Int, to end: Int, reason: String,
    _ quarantine: Quarantine, _ system: any SystemCalls
  ) throws(SystemCallError) {
    let bytes = try read(segment.descriptor, start..<end, system)
    let entry = QuarantineEntry(
      reason: reason, bytes: bytes, origin: .segment(segment.name, offset: start))
    do throws(SystemCallError) {
      try quarantine.keep(entry, syncing: true)
    } catch {
      guard error.isFull else { throw error }
    }
    try system.ftruncate(segment.descriptor, to: start)
  }

  /// All bytes of the range: one that was left out might be the newline that makes the others final.
  private static func read(
    _ descriptor: Int32, _ range: Range<Int>, _ system: any SystemCalls
  ) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < range.count {
      let count = try system.pread(
        descriptor, appendingTo: &bytes, count: range.count - bytes.count,
        at: range.lowerBound + bytes.count)
      guard count > 0 else { throw SystemCallError("pread", "a file cut meanwhile", errno: EIO) }
    }
    return bytes
  }
}
