/// How many workers there are and how many of them are free, that is, waiting for a connection. While
/// fewer than `max` exist, one is always free; at `max` with none free, no connection is kept, so that
/// the ones that wait are served. Nothing here ever blocks or starts anything.
struct WorkerCount {
  private(set) var total: Int
  private(set) var free: Int
  private(set) var max: Int

  /// `initial` workers, all free.
  init(initial: Int, max: Int) {
    total = initial
    free = initial
    self.max = max
  }

  /// A free worker takes a connection. Returns whether the caller has to start a worker, which is
  /// counted, as free, from now on.
  mutating func take() -> Bool {
    free -= 1
    guard free == 0, total < max else { return false }
    total += 1
    free += 1
    return true
  }

  /// A worker's connection has ended and it is free again.
  mutating func release() {
    free += 1
  }

  /// The worker that ``take()`` asked for cannot be started: the system's limit is this program's.
  mutating func startFailed() {
    total -= 1
    free -= 1
    max = total
  }

  /// A free worker has ended for good.
  mutating func leave() {
    free -= 1
    total -= 1
  }

  /// Whether a worker may stay with a connection on which nothing is going on.
  var mayKeepConnections: Bool { free > 0 }
}
