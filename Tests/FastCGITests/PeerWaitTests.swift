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

  private let wait = PeerWait(descriptor: -1, LinuxSystemCalls())

  @Test func `an idle connection begins a request or ends, never both`() throws {
    let waits = (0..<20_000).map { _ in PeerWait(descriptor: -1, LinuxSystemCalls()) }
    for wait in waits { wait.begin(.idle) }
    let meeting = Meeting()
    let begun = Monitor<[Bool]>([])
    let worker = try WorkerThread(name: "worker") {
      let all = waits.indices.map { number in
        meeting.attend(number + 1)
        return waits[number].beginRequest()
      }
      begun.withLock { $0 = all }
    }
    let ended = waits.indices.map { number in
      meeting.attend(number + 1)
      return waits[number].endIdle()
    }
    worker.join()
    #expect(zip(begun.withLock { $0 }, ended).allSatisfy { $0 != $1 })
  }

  @Test func `what has ended waits for nothing, and begins nothing`() {
    wait.begin(.idle)
    #expect(wait.current?.kind == .idle)
    #expect(wait.endIdle())
    #expect(wait.current == nil)
    #expect(!wait.beginRequest() && !wait.endIdle())
  }

  @Test(arguments: [PeerWait.Kind.request, .answer])
  func `who waits for something else is not idle`(kind: PeerWait.Kind) {
    wait.begin(kind)
    #expect(!wait.endIdle())
    #expect(wait.current?.kind == kind)
    wait.end()
    #expect(!wait.endIdle() && wait.current == nil)
  }
}
