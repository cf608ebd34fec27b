import Notice

/// Attempts, each at a place of its own: a small number that a library carries along, by which its attempt is found without a
/// search.
struct AttemptPlaces {
  private var attempts: [DeliveryAttempt?] = []
  private var free: [Int] = []

  var all: [DeliveryAttempt] { attempts.compactMap(\.self) }

  mutating func add(_ attempt: DeliveryAttempt) -> Int {
    guard let place = free.popLast() else {
      attempts.append(attempt)
      return attempts.count - 1
    }
    attempts[place] = attempt
    return place
  }

  /// nil where nothing is there.
  func record(at place: Int) -> NoticeRecord? {
    attempts.indices.contains(place) ? attempts[place]?.record : nil
  }

  /// Frees the place, and returns its attempt's ticket; nil where nothing is there.
  mutating func remove(at place: Int) -> Int? {
    guard attempts.indices.contains(place), let attempt = attempts[place].take() else {
      return nil
    }
    free.append(place)
    return attempt.ticket
  }
}
