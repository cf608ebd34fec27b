/// Attempts that are under way in a library, each at a place of its own: a small number that the library carries along, by
/// which it is found without a search.
struct AttemptPlaces {
  private var attempts: [DeliveryAttempt?] = []
  private var free: [Int] = []

  var isEmpty: Bool { free.count == attempts.count }
  var all: [DeliveryAttempt] { attempts.compactMap(\.self) }

  mutating func add(_ attempt: DeliveryAttempt) -> Int {
    guard let place = free.popLast() else {
      attempts.append(attempt)
      return attempts.count - 1
    }
    attempts[place] = attempt
    return place
  }

  /// Frees the place; nil where nothing is there.
  mutating func remove(at place: Int) -> DeliveryAttempt? {
    guard attempts.indices.contains(place), let attempt = attempts[place] else { return nil }
    attempts[place] = nil
    free.append(place)
    return attempt
  }
}
