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
  }

  /// Lines that are committed together. Everything in it is read and changed under the monitor's lock, except by its
  /// leader, who has taken it out of ``Waiting`` by then.
  private final class Batch: @unchecked Sendable {
    var bytes: [UInt8] = []
    var lineEnds: [Int] = []
    var outcome: BatchCommitter.Outcome?
    /// One of the batch's own threads shall wake up and lead it.
    var wantsLeader = false
    let changed = Condition()

    /// Returns how many lines were there before.
    func add(_ lines: some Sequence<[UInt8]>) -> Int {
      let before = lineEnds.count
      for line in lines {
        // Often one is all.
        if bytes.isEmpty { bytes = line } else { bytes.append(contentsOf: line) }
        lineEnds.append(bytes.count)
      }
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
    if let error = append(contentsOf: CollectionOfOne(line)).error { throw error }
  }

  /// Appends nothing: all that an append of so many bytes does, but for the bytes.
  package func probe(bytes: Int) -> SpoolWriteError? {
    committer.withLock { $0.commit([], lineEnds: [], room: bytes) }.error
  }

  /// Several lines at the cost of one. Returns how many of them, from the first on, are durable, and why not more.
  package func append(
    contentsOf lines: some Collection<[UInt8]>
  ) -> (committed: Int, error: SpoolWriteError?) {
    let (batch, before, leads) = waiting.withLock { waiting in
      let batch = waiting.batch ?? Batch()
      waiting.batch = batch
      let leads = !waiting.isLed
      waiting.isLed = true
      return (batch, batch.add(lines), leads)
    }
    let outcome = leads ? lead(batch) : follow(batch)
    let committed = min(lines.count, max(0, outcome.linesCommitted - before))
    return (committed, committed < lines.count ? outcome.error ?? .contended : nil)
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
    let outcome = committer.withLock { committer in
      committer.commit(batch.bytes, lineEnds: batch.lineEnds)
    }
    waiting.withLock { waiting in
      batch.outcome = outcome
      if let next = waiting.batch {
        next.wantsLeader = true
        next.changed.signal()
      } else {
        waiting.isLed = false
      }
    }
    batch.changed.broadcast()
    return outcome
  }
}
