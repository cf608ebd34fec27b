import Delivery
import SystemCalls

@testable import Destinations

/// Ends each attempt when it is told to, and notes what it is used for.
final class ControlledDestination: Destination {
  struct State {
    var attempts: [DeliveryAttempt] = []
    var ending: Set<Int> = []
    var endsAll = false
    var most = 0
    var isGone = false

    var underWay: [Int] { attempts.map(\.ticket) }
  }

  let capacity: Int
  private let state: Monitor<State>
  private let hint: WakeUp

  init(capacity: Int, _ state: Monitor<State>, _ hint: WakeUp) {
    self.capacity = capacity
    self.state = state
    self.hint = hint
  }

  deinit { state.withLock { $0.isGone = true } }

  func begin(_ attempt: DeliveryAttempt) {
    state.withLock {
      $0.attempts.append(attempt)
      $0.most = max($0.most, $0.attempts.count)
    }
  }

  func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    var ended = take()
    if ended.isEmpty {
      Sleep.wait(milliseconds: milliseconds, readable: wakeUps + [hint.descriptor])
      hint.clear()
      ended = take()
    }
    reports += ended.map { DeliveryReport($0, .delivered) }
  }

  private func take() -> [DeliveryAttempt] {
    state.withLock { state in
      let ended = state.attempts.filter { state.endsAll || state.ending.contains($0.ticket) }
      state.attempts.removeAll { state.endsAll || state.ending.contains($0.ticket) }
      return ended
    }
  }
}
