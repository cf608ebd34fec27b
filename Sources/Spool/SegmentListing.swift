import SystemCalls

/// The segments that a reader knows of. The directory is asked again only when these are used up, or one of them is not
/// there any more: with many files, that is what takes long.
struct SegmentListing {
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  /// Lowest number first.
  private var names: [SegmentName] = []

  init(_ directory: SpoolDirectory, _ system: any SystemCalls) {
    self.directory = directory
    self.system = system
  }

  /// The segment of the lowest number that is at least `number`.
  mutating func first(from number: Int) throws(SystemCallError) -> SegmentName? {
    if let known = known(from: number) { return known }
    try refresh()
    return known(from: number)
  }

  /// The lowest of all.
  mutating func lowest() throws(SystemCallError) -> SegmentName? {
    try refresh()
    return names.first
  }

  mutating func refresh() throws(SystemCallError) {
    names = try directory.segmentNames(system)
  }

  private func known(from number: Int) -> SegmentName? {
    // The place of the first that is not below it.
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      if names[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < names.count ? names[low] : nil
  }
}
