package import SystemCalls

/// A time that some threads share, and that passes only while all of them sleep: then the one whose sleep ends first wakes,
/// and nobody else until it sleeps again or is done. So who comes after whom depends on their sleeps alone, however busy the
/// machine is.
package final class SharedTime: Sendable {
  /// What the clocks began with.
  let start: (realtime: Int64, monotonic: Int64)

  private struct Sleep {
    let number: Int
    let end: Int64
  }

  private struct State {
    var now: Int64 = 0
    var awake: Int
    var sleeps: [Sleep] = []
    var sleepsBegun = 0
    /// The number of the sleep that has ended last.
    var ended = 0

    mutating func fallAsleep(nanoseconds: Int64) -> Int {
      sleepsBegun += 1
      sleeps.append(Sleep(number: sleepsBegun, end: now + nanoseconds))
      goOn()
      return sleepsBegun
    }

    /// One thread less is awake. Of two sleeps that end together the one that began first does so first.
    mutating func goOn() {
      awake -= 1
      guard awake == 0, let next = sleeps.indices.min(by: { sleeps[$0].end < sleeps[$1].end })
      else { return }
      let sleep = sleeps.remove(at: next)
      (now, ended, awake) = (sleep.end, sleep.number, 1)
    }
  }

  private let state: Monitor<State>
  private let changed = Condition()

  private init(threads: Int) {
    let linux = LinuxSystemCalls()
    start = (linux.realtimeNanoseconds(), linux.monotonicNanoseconds())
    state = Monitor(State(awake: threads))
  }

  var nanoseconds: Int64 { state.withLock { $0.now } }

  package func sleep(nanoseconds: Int64) {
    let number = state.withLock { $0.fallAsleep(nanoseconds: nanoseconds) }
    changed.broadcast()
    state.wait(for: changed) { $0.ended == number ? () : nil }
  }

  /// Runs `body` on that many threads, which begin a nanosecond after each other, and returns when all have ended.
  package static func pass(
    for threads: Int, _ body: @escaping @Sendable (_ thread: Int, SharedTime) -> Void
  ) throws(SystemCallError) {
    let time = SharedTime(threads: threads)
    var running: [WorkerThread] = []
    for thread in 0..<threads {
      running.append(
        try WorkerThread(name: "thread \(thread)", stackBytes: 1 << 20) {
          time.sleep(nanoseconds: Int64(thread))
          body(thread, time)
          time.state.withLock { $0.goOn() }
          time.changed.broadcast()
        })
    }
    for thread in running { thread.join() }
  }
}
