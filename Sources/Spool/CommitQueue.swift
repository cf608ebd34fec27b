import SystemCalls

/// Group commit. Who finds nobody at work brings its own lines into the spool, alone. What others bring meanwhile is
/// collected, and a thread that is there for nothing else goes on with it: one write and one sync for all, and so on until
/// nobody waits. So a sync is shared by as many as arrive while the one before it runs, and nobody who has handed its
/// lines over has to be woken up for them.
final class CommitQueue: Sendable {
  private struct State {
    /// What came while somebody was at work.
    var batch = WaitingBatch()
    var isAtWork = false
    /// Started when it is needed first: a CGI process never does.
    var hasThread = false
    var isCalled = false
    var isEnding = false
  }

  private let state = Monitor(State())
  private let changed = Condition()
  private let committer: Monitor<BatchCommitter>
  private let startThread: @Sendable (@escaping @Sendable () -> Void) -> Bool

  /// `startThread` returns false where there can be no thread.
  init(
    _ committer: sending BatchCommitter,
    startThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = CommitQueue.start
  ) {
    self.committer = Monitor(committer)
    self.startThread = startThread
  }

  /// `ends`: where each of the lines ends. `settled` is told of these lines only: by this thread where nobody else is at work,
  /// before this returns; otherwise by the queue's own, which it must not keep waiting.
  func append(_ lines: [UInt8], ends: [Int], settled: @escaping WaitingBatch.Settled) {
    let isAlone = state.withLock { state in
      if state.isAtWork {
        state.batch.add(lines, ends: ends, settled: settled)
        return false
      }
      state.isAtWork = true
      return true
    }
    guard isAlone else { return }
    let outcome = commit(lines, ends: ends)
    let isHandedOver = handOver()
    settled(outcome)
    if isHandedOver { return }
    // Without a thread, this one does its work.
    var batch = WaitingBatch()
    commitWaiting(by: &batch)
  }

  func commit(_ lines: [UInt8], ends: [Int], room: Int = 0) -> BatchCommitter.Outcome {
    committer.withLock { $0.commit(lines, lineEnds: ends, room: room) }
  }

  /// Nothing more will be appended: the thread ends, once all is settled.
  func end() {
    state.withLock { $0.isEnding = true }
    changed.signal()
  }

  // MARK: The thread

  static let start: @Sendable (@escaping @Sendable () -> Void) -> Bool = { body in
    guard let thread = try? WorkerThread(name: "commit", body) else { return false }
    thread.detach()
    return true
  }

  /// Those that came meanwhile, if any, are the thread's now. False where there can be none; the next one tries again.
  private func handOver() -> Bool {
    state.withLock { state in
      state.isAtWork = !state.batch.isEmpty
      guard state.isAtWork else { return true }
      if !state.hasThread { state.hasThread = startThread { self.work() } }
      state.isCalled = state.hasThread
      changed.signal()
      return state.hasThread
    }
  }

  private func work() {
    // This and the one that is being collected take turns: so neither is allocated anew, each time by another thread.
    var batch = WaitingBatch()
    while awaitCall() { commitWaiting(by: &batch) }
  }

  private func awaitCall() -> Bool {
    state.wait(for: changed) { state in
      if state.isCalled {
        state.isCalled = false
        return true
      }
      return state.isEnding ? false : nil
    }
  }

  /// `batch` is empty, before and after.
  private func commitWaiting(by batch: inout WaitingBatch) {
    while take(&batch) {
      batch.settle(commit(batch.bytes, ends: batch.lineEnds))
      batch.clear()
    }
  }

  /// False: nobody waits, and the next to come finds nobody at work.
  private func take(_ batch: inout WaitingBatch) -> Bool {
    state.withLock { state in
      state.isAtWork = !state.batch.isEmpty
      if state.isAtWork { swap(&state.batch, &batch) }
      return state.isAtWork
    }
  }
}
