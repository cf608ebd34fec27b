import Delivery

/// One destination that is several of a kind, each on a thread of its own, so that one of them works while another works or waits.
/// An attempt goes to the one that has the fewest under way.
package final class SideBySideDestination: Destination {
  package let capacity: Int
  private let threads: [DestinationThread]
  private var underWay: [Int]

  /// At least one.
  package init(_ threads: [DestinationThread]) {
    capacity = threads.reduce(0) { $0 + $1.capacity }
    self.threads = threads
    underWay = threads.map { _ in 0 }
  }

  package func begin(_ attempt: consuming DeliveryAttempt) {
    let fewest = underWay.indices.min { underWay[$0] < underWay[$1] } ?? 0
    underWay[fewest] += 1
    threads[fewest].begin(attempt)
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    let before = reports.count
    trade(isAwaiting: milliseconds > 0, &reports)
    guard reports.count == before, milliseconds > 0 else { return }
    let descriptors = threads.map(\.descriptor)
    let ready = Sleep.wait(milliseconds: milliseconds, readable: descriptors + wakeUps)
    for thread in threads where ready.contains(thread.descriptor) { thread.isSeen() }
    trade(isAwaiting: false, &reports)
  }

  private func trade(isAwaiting: Bool, _ reports: inout [DeliveryReport]) {
    for (index, thread) in threads.enumerated() {
      let before = reports.count
      thread.trade(isAwaiting: isAwaiting, &reports)
      underWay[index] -= reports.count - before
    }
  }
}
