import SystemCalls
import Testing

struct RandomTests {
  @Test func `no random number comes twice, in whatever thread`() throws {
    let all = Monitor<[UInt64]>([])
    let threads = try (0..<8).map { _ in
      try WorkerThread(name: "random") {
        // Many times as many as a thread fetches at once.
        let numbers = (0..<1000).map { _ in LinuxSystemCalls().random() }
        all.withLock { $0 += numbers }
      }
    }
    for thread in threads { thread.join() }
    let numbers = all.withLock { $0 }
    #expect(Set(numbers).count == 8000)
    #expect(!numbers.contains(0))
  }
}
