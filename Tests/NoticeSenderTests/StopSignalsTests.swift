import SystemCalls
import Testing

@Suite struct StopSignalsTests {
  /// A minute would pass without it.
  @Test(arguments: [false, true]) func aWaitEndsWhenItsThreadIsWokenUp(before: Bool) throws {
    let ended = Monitor<(waker: (@Sendable () -> Void)?, number: Int32?, isDone: Bool)>(
      (nil, nil, false))
    let start = ContinuousClock.now
    // Its thread blocks every signal.
    let thread = try WorkerThread(name: "waits") {
      let waker = StopSignals.waker()
      if before { waker() }
      ended.withLock { $0.waker = waker }
      let number = StopSignals.wait(milliseconds: 60_000)
      ended.withLock { $0 = (nil, number, true) }
    }
    while !before, !ended.withLock(\.isDone) { ended.withLock(\.waker)?() }
    thread.join()
    #expect(ended.withLock(\.number) == nil)
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}
