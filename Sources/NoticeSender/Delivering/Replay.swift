import Notice
import Spool
import SystemCalls

/// Asks for records of the spool and its archive once more, for one destination. One that is a dead letter there is
/// requeued as such.
struct Replay {
  let selection: RecordSelection

  struct Outcome {
    var count = 0
    /// Ids that were asked for and are not there.
    var missing: Set<String>
    /// Segments that cannot be read to their end, and why.
    var damaged: [String] = []
  }

  private static let chunkBytes = 1 << 20

  func run(
    to destination: String, in directory: SpoolDirectory, isDry: Bool, _ system: any SystemCalls
  ) throws -> Outcome {
    let letters = DeadLetters(destination, directory, system)
    let files = RequeueFiles(destination, directory, system)
    var dead: Set<String> = []
    try letters.read { letter, _ in dead.insert(letter.record.id) }
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    var outcome = Outcome(missing: selection.ids)
    var deadWanted: Set<String> = []
    var chunk: [UInt8] = []
    func flush() throws {
      guard !chunk.isEmpty, !isDry else { return }
      let lock = try letters.lock()
      try files.add(chunk)
      lock.release()
      chunk = []
    }
    var records = RecordReader()
    for segment in try StoredSegment.all(directory, system) {
      guard let lines = try segment.lines() else { continue }
      while let line = lines.nextUnlessDamaged() {
        guard let record = try? records.record(of: line.span), selection.fits(record)
        else { continue }
        outcome.count += 1
        outcome.missing.remove(record.id)
        if dead.contains(record.id) {
          deadWanted.insert(record.id)
        } else if !isDry {
          chunk += Letter.replaying(record, at: now)
        }
        if chunk.count >= Self.chunkBytes { try flush() }
      }
      // The others have what is asked for all the same.
      if let damage = lines.damage { outcome.damaged.append("\(segment.name): \(damage)") }
    }
    try flush()
    if !isDry, !deadWanted.isEmpty { _ = try letters.requeue(.ids(deadWanted)) }
    return outcome
  }
}
