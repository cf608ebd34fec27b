package import SystemCalls

/// Appends records to a spool for any number of threads at once, while other processes do the same.
package final class SpoolWriter: Sendable {
  private let queue: CommitQueue

  package init(
    _ directory: SpoolDirectory, _ settings: SpoolSettings = SpoolSettings(),
    _ system: any SystemCalls
  ) {
    queue = CommitQueue(BatchCommitter(directory, settings, system))
  }

  deinit { queue.end() }

  /// `settled` is called when `line`, which ends in its only newline, is as durable as the settings say (nil), or why it is not:
  /// before this returns, where nobody else is at work; otherwise on a thread that all who append share, and that must not
  /// be kept waiting.
  package func append(
    _ line: [UInt8], settled: @escaping @Sendable (SpoolWriteError?) -> Void
  ) {
    queue.append(line, ends: [line.count]) { outcome in
      settled(outcome.linesCommitted < 1 ? outcome.error ?? .contended : nil)
    }
  }

  /// Returns when `line`, which ends in its only newline, is as durable as the settings say.
  package func append(_ line: [UInt8]) throws(SpoolWriteError) {
    if let error = append(contentsOf: [line]).error { throw error }
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
    let (settled, changed) = (Monitor<BatchCommitter.Outcome?>(nil), Condition())
    queue.append(bytes, ends: ends) { outcome in
      settled.withLock { $0 = outcome }
      changed.signal()
    }
    let outcome = settled.wait(for: changed) { $0 }
    let isWhole = outcome.linesCommitted == ends.count
    return (outcome.linesCommitted, isWhole ? nil : outcome.error ?? .contended)
  }

  /// Appends nothing: all that an append of so many bytes does, but for the bytes.
  package func probe(bytes: Int) -> SpoolWriteError? {
    queue.commit([], ends: [], room: bytes).error
  }
}
