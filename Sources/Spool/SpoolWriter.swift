package import SystemCalls

/// Appends records to a spool for any number of threads at once, while other processes do the same.
///
/// Group commit: of the threads that wait, one leads and brings the lines of all of them into the spool by
/// one write and one sync; those that come meanwhile form the next batch. So the cost of a sync is
/// shared by as many as arrive while the one before it runs.
package final class SpoolWriter: Sendable {
  private struct Waiting {
    /// Collects lines while the leader is at work.
    var batch: Batch?
    var isLed = false

    /// The leader has done its work: one of those that came meanwhile is the next.
    mutating func handOver() {
      guard let batch else {
        isLed = false
        return
      }
      batch.wantsLeader = true
      batch.changed.signal()
    }
  }

  /// Lines of several threads that are committed together. Everything in it is read and changed under the monitor's lock,
  /// except by its leader, who has taken it out of ``Waiting`` by then.
  private final class Batch: @unchecked Sendable {
    var bytes: [UInt8] = []
    var lineEnds: [Int] = []
    var outcome: BatchCommitter.Outcome?
    /// One of the batch's own threads shall wake up and lead it.
    var wantsLeader = false
    let changed = Condition()

    /// Returns how many lines were there before.
    func add(_ lines: [UInt8], ends: [Int]) -> Int {
      let (before, start) = (lineEnds.count, bytes.count)
      bytes += lines
      for end in ends { lineEnds.append(start + end) }
      return before
    }
  }

  private enum Turn {
    case lead
    case done(BatchCommitter.Outcome)
  }

  private let waiting = Monitor(Waiting())
  private let committer: Monitor<BatchCommitter>

  package init(
    _ directory: SpoolDirectory, _ settings: SpoolSettings = SpoolSettings(),
    _ system: any SystemCalls
  ) {
    committer = Monitor(BatchCommitter(directory, settings, system))
  }

  /// Returns when `line`, which ends in its only newline, is as durable as the settings say.
  package func append(_ line: [UInt8]) throws(SpoolWriteError) {
    let outcome = append(line, ends: [line.count])
    if outcome.linesCommitted < 1 { throw outcome.error ?? .contended }
  }

  /// Appends nothing: all that an append of so many bytes does, but for the bytes.
  package func probe(bytes: Int) -> SpoolWriteError? {
    committer.withLock { $0.commit([], lineEnds: [], room: bytes) }.error
  }

  /// Several lines at the cost of one. Returns how many of them, from the first on, are durable, and why not more.
  package func append(
    contentsOf lines: some Collection<[UInt8]>
  ) -> (committed: Int, error: SpoolWriteError?) {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for line in lines {
      bytes += line
      ends.append(bytes.count)
    }
    let outcome = append(bytes, ends: ends)
    let isWhole = outcome.linesCommitted == ends.count
    return (outcome.linesCommitted, isWhole ? nil : outcome.error ?? .contended)
  }

  /// `ends`: where each of the lines ends. Of the outcome only these lines are told.
  private func append(_ lines: [UInt8], ends: [Int]) -> BatchCommitter.Outcome {
    // Who finds nobody at work leads at once, alone: whoever comes from then on joins the next batch.
    let joined = waiting.withLock { waiting -> (batch: Batch, before: Int)? in
      guard waiting.isLed else {
        waiting.isLed = true
        return nil
      }
      let batch = waiting.batch ?? Batch()
      waiting.batch = batch
      return (batch, batch.add(lines, ends: ends))
    }
    guard let (batch, before) = joined else {
      let outcome = commit(lines, ends)
      waiting.withLock { $0.handOver() }
      return outcome
    }
    var outcome = follow(batch)
    outcome.linesCommitted = min(ends.count, max(0, outcome.linesCommitted - before))
    return outcome
  }

  private func follow(_ batch: Batch) -> BatchCommitter.Outcome {
    let turn = waiting.wait(for: batch.changed) { _ -> Turn? in
      if let outcome = batch.outcome { return .done(outcome) }
      guard batch.wantsLeader else { return nil }
      batch.wantsLeader = false
      return .lead
    }
    switch turn {
    case .lead: return lead(batch)
    case .done(let outcome): return outcome
    }
  }

  private func lead(_ batch: Batch) -> BatchCommitter.Outcome {
    // From here on, who comes joins the next batch.
    waiting.withLock { $0.batch = nil }
    let outcome = commit(batch.bytes, batch.lineEnds)
    waiting.withLock { waiting in
      batch.outcome = outcome
      waiting.handOver()
    }
    batch.changed.broadcast()
    return outcome
  }

  private func commit(_ lines: [UInt8], _ ends: [Int]) -> BatchCommitter.Outcome {
    committer.withLock { $0.commit(lines, lineEnds: ends) }
  }
}
