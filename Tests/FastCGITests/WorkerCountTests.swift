import TestSupport
import Testing

@testable import FastCGI

struct WorkerCountTests {
  @Test(arguments: [(1, 1), (1, 4), (4, 4), (2, 50)])
  func `whatever happens, one worker is free until there are as many as allowed`(
    initial: Int, max: Int
  ) {
    var random = SeededGenerator(seed: 42)
    var count = WorkerCount(initial: initial, max: max)
    var busy = 0
    for _ in 0..<10_000 {
      if count.free > 0, Bool.random(using: &random) {
        let before = count.total
        let starts = count.take()
        busy += 1
        #expect(starts == (count.total == before + 1))
      } else if busy > 0 {
        count.release()
        busy -= 1
      }
      #expect(count.total == count.free + busy)
      #expect(count.total <= max && count.total >= initial)
      #expect(count.free > 0 || count.total == max)
      #expect(count.mayKeepConnections == (count.free > 0))
    }
  }

  @Test func `what the system refuses to start is the limit from then on`() {
    var count = WorkerCount(initial: 1, max: 10)
    let starts = count.take()
    #expect(starts)
    count.startFailed()
    #expect(count.total == 1 && count.free == 0 && count.max == 1)
    #expect(!count.mayKeepConnections)
    count.release()
    let startsAgain = count.take()
    #expect(!startsAgain)
  }

  @Test func `workers leave one by one`() {
    var count = WorkerCount(initial: 3, max: 3)
    for left in [2, 1, 0] {
      count.leave()
      #expect(count.total == left && count.free == left)
    }
  }
}
