/// Lines that wait to be brought into the spool together, and who is to be told what became of them.
struct WaitingBatch: Sendable {
  typealias Settled = @Sendable (BatchCommitter.Outcome) -> Void

  private(set) var bytes: [UInt8] = []
  private(set) var lineEnds: [Int] = []
  private var parts: [(lineCount: Int, settled: Settled)] = []

  init() {}

  /// With room for as much as another had.
  init(like other: WaitingBatch) {
    bytes.reserveCapacity(other.bytes.count)
    lineEnds.reserveCapacity(other.lineEnds.count)
    parts.reserveCapacity(other.parts.count)
  }

  var isEmpty: Bool { parts.isEmpty }

  /// `ends`: where each of the lines ends.
  mutating func add(_ lines: [UInt8], ends: [Int], settled: @escaping Settled) {
    let start = bytes.count
    bytes += lines
    for end in ends { lineEnds.append(start + end) }
    parts.append((ends.count, settled))
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
