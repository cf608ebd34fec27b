/// Values, each at a place of its own: a small number that a library carries along, by which its value is found without a
/// search.
struct Places<Value> {
  private var values: [Value?] = []
  private var free: [Int] = []

  var all: [Value] { values.compactMap(\.self) }

  mutating func add(_ value: Value) -> Int {
    guard let place = free.popLast() else {
      values.append(value)
      return values.count - 1
    }
    values[place] = value
    return place
  }

  /// Frees the place, and returns what stood there; nil where nothing did.
  mutating func remove(at place: Int) -> Value? {
    guard values.indices.contains(place), let value = values[place].take() else { return nil }
    free.append(place)
    return value
  }
}
