import SystemCalls

/// The bytes behind the last newline of a segment: a line that was never finished. They are never part of the spool,
/// and never thrown away unseen.
enum TornTail {
  /// Keeps the bytes from `start` to `end` in quarantine, then cuts the segment at `start`.
  static func cut(
    _ segment: ActiveSegment, from start: Int, to end: Int, reason: String,
    _ quarantine: Quarantine, _ system: any SystemCalls
  ) throws(SystemCallError) {
    let bytes = try system.readAll(segment.descriptor, start..<end)
    let entry = QuarantineEntry(
      reason: reason, bytes: bytes, origin: .segment(segment.name, offset: start))
    try keep(entry, in: quarantine)
    try system.ftruncate(segment.descriptor, to: start)
  }

  /// Where the quarantine takes nothing more (a full disk), the bytes of a line that nobody was promised go.
  static func keep(
    _ entry: QuarantineEntry, in quarantine: Quarantine
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try quarantine.keep(entry, syncing: true)
    } catch {
      guard error.isFull else { throw error }
    }
  }
}
