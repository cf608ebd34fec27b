/// How many workers there are, and how many of them are free, that is, waiting for something to do. There have to be more not
/// when all have something to do, which is a matter of the processors, but when all of them wait for somebody else. So where
/// none is free, it is watched whether one becomes so. Nothing here ever blocks or starts anything.
struct WorkerCount {
  private(set) var total: Int
  private(set) var free: Int
  private(set) var max: Int
  private var isWatched = false
  /// Whether one has become free since the last look.
  private var hasReleased = false

  /// `initial` workers, all free.
  init(initial: Int, max: Int) {
    total = initial
    free = initial
    self.max = max
  }

  /// A free worker has something to do. Returns whether it is to be watched from now on, by ``look()`` at intervals.
  mutating func take() -> Bool {
    free -= 1
    guard free == 0, total < max, !isWatched else { return false }
    isWatched = true
    return true
  }

  /// A worker is free again.
  mutating func release() {
    free += 1
    hasReleased = true
  }

  enum Look {
    /// There is nothing to watch any more.
    case enough
    case again
    /// A worker is to be started, which is counted, as free, from now on; and it is looked again.
    case start
  }

  mutating func look() -> Look {
    defer { hasReleased = false }
    guard free == 0, total < max else {
      isWatched = false
      return .enough
    }
    guard !hasReleased else { return .again }
    total += 1
    free += 1
    return .start
  }

  /// The worker that was to be started cannot be: the system's limit is this program's.
  mutating func startFailed() {
    total -= 1
    free -= 1
    max = total
  }
}
