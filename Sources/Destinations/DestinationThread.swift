import Delivery
package import SystemCalls

/// Runs a destination on a thread of its own, so that its user reads on and keeps its accounts while it works. What is begun
/// waits here until the destination has room for it.
package final class DestinationThread: Destination {
  /// May be more than the destination's own: then there is always something that waits for it.
  package let capacity: Int

  /// What the two threads share.
  private struct Exchange {
    var begun: ArraySlice<DeliveryAttempt> = []
    var reports: [DeliveryReport] = []
    var isStopping = false
    /// The destination is woken up, or was and has not looked yet.
    var isCalled = false
    /// Its user sleeps, or is about to, and has seen no reports.
    var isAwaited = false
  }

  private let exchange = Monitor(Exchange())
  private let work: WakeUp
  private let done: WakeUp
  private let thread: WorkerThread
  /// Handed over by the next wait, all at once.
  private var begun: [DeliveryAttempt] = []

  /// It is woken up; nothing depends on this.
  private static let idleMilliseconds = 60_000
  private static let stackBytes = 1 << 20

  /// `destination` is used by nobody else from now on. `ahead`: how many times its own capacity is taken on.
  package init(
    running destination: sending any Destination, named name: String, ahead: Int = 1
  ) throws(SystemCallError) {
    capacity = destination.capacity * ahead
    let (exchange, work, done) = (exchange, try WakeUp(), try WakeUp())
    let wakeUpMin = capacity / 2
    (self.work, self.done) = (work, done)
    nonisolated(unsafe) let destination = destination
    thread = try WorkerThread(name: "to \(name)", stackBytes: Self.stackBytes) {
      unsafe Self.run(destination, exchange, work: work, done: done, wakeUpMin: wakeUpMin)
    }
  }

  deinit {
    exchange.withLock { [work] exchange in
      exchange.isStopping = true
      work.set()
    }
    thread.join()
  }

  package func begin(_ attempt: DeliveryAttempt) {
    begun.append(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32]) -> [DeliveryReport] {
    let reports = trade(isAwaiting: milliseconds > 0)
    guard reports.isEmpty, milliseconds > 0 else { return reports }
    let ready = Sleep.wait(milliseconds: milliseconds, readable: [descriptor] + wakeUps)
    if ready.contains(descriptor) { isSeen() }
    return trade(isAwaiting: false)
  }

  // MARK: For one who waits for several

  /// Readable when there are reports that were awaited, until ``isSeen()``.
  var descriptor: Int32 { done.descriptor }
  func isSeen() { done.clear() }

  /// Hands over what was begun and returns what has ended. `isAwaiting`: where nothing has, ``descriptor`` tells when something
  /// does.
  func trade(isAwaiting: Bool) -> [DeliveryReport] {
    handOver()
    return take(isAwaiting: isAwaiting)
  }

  private func handOver() {
    guard !begun.isEmpty else { return }
    exchange.withLock { exchange in
      exchange.begun += begun
      if !exchange.isCalled { work.set() }
      exchange.isCalled = true
    }
    begun.removeAll(keepingCapacity: true)
  }

  private func take(isAwaiting: Bool) -> [DeliveryReport] {
    exchange.withLock { exchange in
      defer { exchange.reports = [] }
      exchange.isAwaited = isAwaiting && exchange.reports.isEmpty
      return exchange.reports
    }
  }

  // MARK: The thread

  private static func run(
    _ destination: any Destination, _ exchange: Monitor<Exchange>, work: WakeUp, done: WakeUp,
    wakeUpMin: Int
  ) {
    let capacity = destination.capacity
    var room = capacity
    var isQuiet = true
    while true {
      // Set and cleared under the lock, so that what comes after this look wakes it up.
      let (attempts, isStopping) = exchange.withLock { exchange in
        if exchange.isCalled { work.clear() }
        defer {
          exchange.begun = exchange.begun.dropFirst(room)
          exchange.isCalled = false
        }
        return (exchange.begun.prefix(room), exchange.isStopping)
      }
      if isStopping { return }
      room -= attempts.count
      for attempt in attempts { destination.begin(attempt) }
      let reports = destination.wait(
        milliseconds: isQuiet ? idleMilliseconds : 0, wakeUps: [work.descriptor])
      room += reports.count
      // As long as one end follows the other, its user is woken up for many at once.
      let mayWait = !reports.isEmpty && room < capacity
      isQuiet = !mayWait
      let wakes = exchange.withLock { exchange in
        exchange.reports += reports
        guard exchange.isAwaited, !exchange.reports.isEmpty,
          !mayWait || exchange.reports.count >= wakeUpMin
        else { return false }
        exchange.isAwaited = false
        return true
      }
      if wakes { done.set() }
    }
  }
}
