import Glibc
import Gzip
import Notice
package import SystemCalls

/// What becomes of segments that every destination is done with.
package struct SegmentArchive: Sendable {
  package enum Form: String, Sendable, CaseIterable {
    /// Into `archive/`, compressed: `zcat archive/*.gz | jq`.
    case gzip
    /// Into `archive/` as it is.
    case plain
    /// Nowhere.
    case delete
  }

  private let directory: SpoolDirectory
  private let form: Form
  private let daysMax: Int?
  private let system: any SystemCalls

  /// `daysMax`: how long an archived segment is kept; nil: for ever.
  package init(
    _ directory: SpoolDirectory, form: Form, daysMax: Int?, _ system: any SystemCalls
  ) {
    self.directory = directory
    self.form = form
    self.daysMax = daysMax
    self.system = system
  }

  /// What was retired, and what could not be and stays.
  package struct Outcome: Sendable {
    package var retired = 0
    package var failures: [SystemCallError] = []
  }

  /// Retires the segments below `number` that are not being written.
  package func retire(below number: Int) throws(SystemCallError) -> Outcome {
    var outcome = Outcome()
    guard let current = try directory.currentSegment(system)?.number else { return outcome }
    for name in try directory.segmentNames(system) where name.number < min(number, current) {
      do throws(SystemCallError) {
        try retire(name)
        outcome.retired += 1
      } catch {
        outcome.failures.append(error)
        // A disk that takes nothing takes nothing of the next either.
        if error.isFull || error.isExhaustion { break }
      }
    }
    return outcome
  }

  /// Deletes what has been in the archive long enough; returns how many.
  package func expire() throws(SystemCallError) -> Int {
    guard let daysMax else { return 0 }
    let limit = system.realtimeNanoseconds() / 1_000_000_000 - Int64(daysMax) * 86400
    var count = 0
    for file in try system.list(directory.archive) where SegmentName(file) != nil {
      let path = "\(directory.archive)/\(file)"
      guard try system.modifiedSeconds(path) < limit else { continue }
      try system.unlink(path)
      count += 1
    }
    return count
  }

  private func retire(_ name: SegmentName) throws(SystemCallError) {
    let path = directory.segment(name)
    try SegmentIndex(directory, system).add(name)
    switch form {
    case .delete:
      try system.unlink(path)
    case .plain:
      try system.rename(path, to: "\(directory.archive)/\(name)")
      try system.syncDirectory(directory.archive)
    case .gzip:
      let compressed = "\(directory.archive)/\(name).gz"
      try compress(name, to: compressed + ".next")
      try system.rename(compressed + ".next", to: compressed)
      try system.syncDirectory(directory.archive)
      try system.unlink(path)
    }
  }

  private func compress(_ name: SegmentName, to path: String) throws(SystemCallError) {
    let source = try system.open(directory.segment(name), O_RDONLY | O_NOFOLLOW, mode: 0)
    defer { system.close(source) }
    let target = try system.open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    defer { system.close(target) }
    var deflater = Deflater()
    var input: [UInt8] = []
    var offset = 0
    var isFinished = false
    while !isFinished {
      input.removeAll(keepingCapacity: true)
      let count = try system.pread(
        source, appendingTo: &input, count: Deflater.chunkBytes, at: offset)
      offset += count
      isFinished = count == 0
      let output = deflater.deflate(input, finishing: isFinished)
      var written = 0
      try system.writeAll(target, output, written: &written)
    }
    try system.fdatasync(target)
  }
}
