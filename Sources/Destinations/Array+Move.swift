extension Array {
  /// Puts all behind what `other` has. Where that is nothing, the two change places, so that neither asks for memory where both
  /// have grown as large as they get.
  mutating func move(to other: inout [Element]) {
    if other.isEmpty {
      swap(&self, &other)
    } else {
      other += self
      removeAll(keepingCapacity: true)
    }
  }
}
