import TestSupport
import Testing

@testable import FastCGI

struct WorkerCountTests {
  @Test(arguments: [(1, 1), (1, 4), (4, 4), (2, 50)])
  func
    `whatever happens, workers that are all held up are noticed until there are as many as allowed`(
      initial: Int, max: Int
    )
  {
    var random = SeededGenerator(seed: 42)
    var count = WorkerCount(initial: initial, max: max)
    var busy = 0
    var isWatched = false
    for _ in 0..<10_000 {
      switch Int.random(in: 0..<3, using: &random) {
      case 0 where count.free > 0:
        let begins = count.take()
        #expect(!(begins && isWatched))
        isWatched = isWatched || begins
        busy += 1
      case 1 where busy > 0:
        count.release()
        busy -= 1
      case 2 where isWatched:
        let before = count.total
        let look = count.look()
        isWatched = look != .enough
        #expect(look == .start || count.total == before)
        if look == .start { #expect(count.total == before + 1) }
      default: break
      }
      #expect(count.total == count.free + busy)
      #expect(count.total <= max && count.total >= initial)
      #expect(count.free > 0 || isWatched || count.total == max)
    }
  }

  @Test func `one more is started when none has become free, and not because all are at work`() {
    var count = WorkerCount(initial: 2, max: 4)
    #expect(taken(&count) == [false, true])
    #expect(look(&count) == .start)
    #expect(count.total == 3 && count.free == 1)
    #expect(taken(&count) == [false])
    // At work: one becomes free between two looks, and has something to do at once.
    for _ in 0..<10 {
      count.release()
      #expect(taken(&count) == [false])
      #expect(look(&count) == .again)
    }
    #expect(look(&count) == .start)
    #expect(look(&count) == .enough)
    #expect(taken(&count) == [false])
    #expect(count.total == 4 && count.free == 0)
  }

  @Test func `what the system refuses to start is the limit from then on`() {
    var count = WorkerCount(initial: 1, max: 10)
    #expect(taken(&count) == [true])
    #expect(look(&count) == .start)
    count.startFailed()
    #expect(count.total == 1 && count.free == 0 && count.max == 1)
    #expect(look(&count) == .enough)
    count.release()
    #expect(taken(&count) == [false])
  }

  /// All that are free have something to do.
  private func taken(_ count: inout WorkerCount) -> [Bool] {
    (0..<count.free).map { _ in count.take() }
  }

  private func look(_ count: inout WorkerCount) -> WorkerCount.Look { count.look() }
}
