/// Lines that wait to be brought into the spool together, and who is to be told what became of them.
struct WaitingBatch: Sendable {
  typealias Settled = @Sendable (BatchCommitter.Outcome) -> Void

  private(set) var bytes: [UInt8] = []
  private(set) var lineEnds: [Int] = []
  private var parts: [(lineCount: Int, settled: Settled)] = []

  /// What an empty one may keep of the memory that it had.
  private static let bytesKeptMax = 256 << 10

  var isEmpty: Bool { parts.isEmpty }

  /// `ends`: where each of the lines ends.
  mutating func add(_ lines: [UInt8], ends: [Int], settled: @escaping Settled) {
    let start = bytes.count
    bytes += lines
    for end in ends { lineEnds.append(start + end) }
    parts.append((ends.count, settled))
  }

  /// Empties it, for others to be added.
  mutating func clear() {
    let isSmall = bytes.capacity <= Self.bytesKeptMax
    bytes.removeAll(keepingCapacity: isSmall)
    lineEnds.removeAll(keepingCapacity: isSmall)
    parts.removeAll(keepingCapacity: isSmall)
  }

  /// Tells each of its own lines.
  func settle(_ outcome: BatchCommitter.Outcome) {
    var before = 0
    for part in parts {
      var own = outcome
      own.linesCommitted = min(part.lineCount, max(0, outcome.linesCommitted - before))
      part.settled(own)
      before += part.lineCount
    }
  }
}
