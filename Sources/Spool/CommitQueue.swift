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
    /// Begun when it is needed first: a CGI process never does.
    var thread: WorkerThread?
    var isCalled = false
    var isEnding = false
  }

  private let state = Monitor(State())
  private let changed = Condition()
  private let committer: Monitor<BatchCommitter>

  init(_ committer: sending BatchCommitter) {
    self.committer = Monitor(committer)
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
    handOver()
    settled(outcome)
  }

  func commit(_ lines: [UInt8], ends: [Int], room: Int = 0) -> BatchCommitter.Outcome {
    committer.withLock { $0.commit(lines, lineEnds: ends, room: room) }
  }

  /// All that was appended is settled; nothing more is.
  func end() {
    let thread = state.withLock { state in
      state.isEnding = true
      return state.thread
    }
    changed.signal()
    guard let thread else { return }
    // The last to let go of the queue's user may be what was settled last.
    if thread.isCurrent { thread.detach() } else { thread.join() }
  }

  // MARK: The thread

  /// Those that came meanwhile are the thread's now.
  private func handOver() {
    let isThreadMissing = state.withLock { state in
      guard !state.batch.isEmpty else {
        state.isAtWork = false
        return false
      }
      // Where there can be no thread, this one does its work; the next one tries again.
      if state.thread == nil { state.thread = try? WorkerThread(name: "commit") { self.work() } }
      state.isCalled = state.thread != nil
      return state.thread == nil
    }
    guard isThreadMissing else { return changed.signal() }
    var batch = WaitingBatch()
    commitWaiting(by: &batch)
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
