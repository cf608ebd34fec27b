import Destinations
import SystemCalls

/// A destination that tells others than its lane what is under way, and whether the lane waits.
final class WatchedDestination: Destination {
  struct Activity: Sendable {
    /// Attempts that began and were not reported.
    var underWay = 0
    var waitsBegun = 0
    /// The lane has nothing to do until something wakes it up.
    var isWaiting = false
  }

  let activity = Monitor(Activity())
  private let destination: any Destination

  init(_ destination: any Destination) { self.destination = destination }

  var capacity: Int { destination.capacity }

  func begin(_ attempt: DeliveryAttempt) {
    activity.withLock { $0.underWay += 1 }
    destination.begin(attempt)
  }

  func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    activity.withLock { activity in
      activity.waitsBegun += 1
      activity.isWaiting = milliseconds > 0
    }
    let before = reports.count
    destination.wait(milliseconds: milliseconds, wakeUps: wakeUps, into: &reports)
    let ended = reports.count - before
    activity.withLock { activity in
      activity.isWaiting = false
      activity.underWay -= ended
    }
  }
}
