/// Lets one message pass in ten seconds and counts the others.
struct LogThrottle {
  static let nanosecondsMin: Int64 = 10_000_000_000

  private var nextAt = Int64.min
  private var unsaid = 0

  /// nil: not now. Otherwise how many were not said since the last one that was.
  mutating func admit(at now: Int64) -> Int? {
    guard now >= nextAt else {
      unsaid += 1
      return nil
    }
    defer { unsaid = 0 }
    nextAt = now + Self.nanosecondsMin
    return unsaid
  }
}
