import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import FastCGI

/// What a worker and who ends its connection make of the same moment.
struct PeerWaitTests {
  /// Lets two threads go at once.
  private final class Meeting: Sendable {
    private let arrivals = Atomic(0)

    /// Once both have come for the time of that number, from 1.
    func attend(_ number: Int) {
      arrivals.add(1, ordering: .relaxed)
      while arrivals.load(ordering: .relaxed) < 2 * number { sched_yield() }
    }
  }

  private let wait = PeerWait(LinuxSystemCalls())

  @Test func `an idle connection begins a request or ends, never both`() throws {
    let waits = (0..<20_000).map { _ in PeerWait(LinuxSystemCalls()) }
    for wait in waits { wait.begin(.idle) }
    let meeting = Meeting()
    let begun = Monitor<[Bool]>([])
    let worker = try WorkerThread(name: "worker") {
      let all = waits.indices.map { number in
        meeting.attend(number + 1)
        return waits[number].takeUp() == .idle
      }
      begun.withLock { $0 = all }
    }
    let ended = waits.indices.map { number in
      meeting.attend(number + 1)
      return waits[number].endUnattended()
    }
    worker.join()
    #expect(zip(begun.withLock { $0 }, ended).allSatisfy { $0 != $1 })
  }

  @Test(arguments: [PeerWait.Kind.opening, .idle, .room])
  func `what has ended waits for nothing, and begins nothing`(kind: PeerWait.Kind) {
    wait.begin(kind)
    #expect(wait.current?.kind == kind)
    #expect(wait.endUnattended())
    #expect(wait.current == nil)
    #expect(wait.takeUp() == nil && !wait.endUnattended())
  }

  @Test(arguments: [
    (PeerWait.Kind.opening, PeerWait.Kind.request), (.idle, .request), (.room, .answer),
  ])
  func `what is taken up has a worker, and does not end of itself`(
    before: PeerWait.Kind, after: PeerWait.Kind
  ) {
    wait.begin(before)
    #expect(wait.takeUp() == before)
    #expect(wait.current?.kind == after)
    #expect(wait.takeUp() == nil && !wait.endUnattended())
    wait.end()
    #expect(wait.takeUp() == nil && !wait.endUnattended() && wait.current == nil)
  }
}
