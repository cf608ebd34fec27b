package import SystemCalls

/// A segment wherever it lies: in `segments/`, or in `archive/`, as it is or compressed.
package struct StoredSegment: Sendable {
  package let name: SegmentName
  /// Nothing more is written to it.
  package let isFinished: Bool
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  /// All there are, lowest number first, each once.
  package static func all(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) -> [StoredSegment] {
    let archived = try system.list(directory.archive).compactMap(SegmentName.init)
    // Asked for after the archive: a segment that leaves meanwhile is found twice rather than not at all.
    let present = try directory.segmentNames(system)
    let names = Set(present + archived).sorted()
    let last = present.last
    return names.map {
      StoredSegment(name: $0, isFinished: $0 != last, directory: directory, system: system)
    }
  }

  /// Its lines; nil where it is gone meanwhile.
  package func lines(from offset: Int = 0) throws(SystemCallError) -> LineSource? {
    let archived = "\(directory.archive)/\(name)"
    for path in [directory.segment(name), archived, archived + ".gz"] {
      do throws(SystemCallError) {
        guard try system.lstat(path).isRegularFile else { continue }
        return try LineSource(path: path, from: offset, system)
      } catch {
        guard error.isMissing else { throw error }
      }
    }
    return nil
  }
}
