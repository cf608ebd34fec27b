import SystemCalls

/// Holds back whoever passes until it is opened, and counts them.
package final class Gate: Sendable {
  private let state = Monitor((passing: 0, isOpen: false))
  private let changed = Condition()

  package init() {}

  package func pass() {
    state.withLock { $0.passing += 1 }
    changed.broadcast()
    state.wait(for: changed) { $0.isOpen ? () : nil }
  }

  package func await(_ count: Int) {
    state.wait(for: changed) { $0.passing >= count ? () : nil }
  }

  package func open() {
    state.withLock { $0.isOpen = true }
    changed.broadcast()
  }
}
