import Delivery
package import SystemCalls

/// Runs a destination on a thread of its own, so that its user reads on and keeps its accounts while it works. What is begun
/// waits here until the destination has room for it.
package final class DestinationThread: Destination {
  /// May be more than the destination's own: then there is always something that waits for it.
  package let capacity: Int

  /// What the two threads share.
  private struct Exchange {
    var begun: [DeliveryAttempt] = []
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

  package func begin(_ attempt: consuming DeliveryAttempt) {
    begun.append(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    let before = reports.count
    trade(isAwaiting: milliseconds > 0, &reports)
    guard reports.count == before, milliseconds > 0 else { return }
    let ready = Sleep.wait(milliseconds: milliseconds, readable: [descriptor] + wakeUps)
    if ready.contains(descriptor) { isSeen() }
    trade(isAwaiting: false, &reports)
  }

  // MARK: For one who waits for several

  /// Readable when there are reports that were awaited, until ``isSeen()``.
  var descriptor: Int32 { done.descriptor }
  func isSeen() { done.clear() }

  /// Hands over what was begun, and takes what has ended. `isAwaiting`: where nothing has, ``descriptor`` tells when something
  /// does.
  func trade(isAwaiting: Bool, _ reports: inout [DeliveryReport]) {
    handOver()
    take(isAwaiting: isAwaiting, &reports)
  }

  private func handOver() {
    guard !begun.isEmpty else { return }
    exchange.withLock { exchange in
      begun.move(to: &exchange.begun)
      if !exchange.isCalled { work.set() }
      exchange.isCalled = true
    }
  }

  private func take(isAwaiting: Bool, _ reports: inout [DeliveryReport]) {
    exchange.withLock { exchange in
      exchange.isAwaited = isAwaiting && exchange.reports.isEmpty
      exchange.reports.move(to: &reports)
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
    var attempts: [DeliveryAttempt] = []
    var reports: [DeliveryReport] = []
    while true {
      // Set and cleared under the lock, so that what comes after this look wakes it up.
      let isStopping = exchange.withLock { exchange in
        if exchange.isCalled { work.clear() }
        exchange.isCalled = false
        if exchange.begun.count <= room {
          exchange.begun.move(to: &attempts)
        } else {
          attempts += exchange.begun.prefix(room)
          exchange.begun.removeFirst(room)
        }
        return exchange.isStopping
      }
      if isStopping { return }
      room -= attempts.count
      for attempt in attempts { destination.begin(attempt) }
      attempts.removeAll(keepingCapacity: true)
      destination.wait(
        milliseconds: isQuiet ? idleMilliseconds : 0, wakeUps: [work.descriptor], into: &reports)
      room += reports.count
      // As long as one end follows the other, its user is woken up for many at once.
      let mayWait = !reports.isEmpty && room < capacity
      isQuiet = !mayWait
      let wakes = exchange.withLock { exchange in
        reports.move(to: &exchange.reports)
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
