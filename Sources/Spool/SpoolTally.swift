import Glibc
package import SystemCalls

/// Counts the lines behind a position by their newlines, without reading what is in them. Those of a segment that is finished
/// are counted once. What cannot be read counts as empty: its reader tells of it.
package struct SpoolTally {
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private var finished: [SegmentName: Int] = [:]

  private static let readBytes = 1 << 20

  package init(_ directory: SpoolDirectory, _ system: any SystemCalls) {
    self.directory = directory
    self.system = system
  }

  package mutating func lines(
    from position: SpoolPosition
  ) throws(SystemCallError) -> Int {
    let names = try directory.segmentNames(system)
    let present = Set(names)
    finished = finished.filter { present.contains($0.key) }
    var total = 0
    for name in names where name.number >= position.segment {
      total += lines(of: name, behind: position, isFinished: name != names.last)
    }
    return total
  }

  /// Those of one segment that is finished, from a position in it.
  package mutating func lines(inSegmentAt position: SpoolPosition) throws(SystemCallError) -> Int {
    let name = try directory.segmentNames(system).first { $0.number == position.segment }
    return name.map { lines(of: $0, behind: position, isFinished: true) } ?? 0
  }

  private mutating func lines(
    of name: SegmentName, behind position: SpoolPosition, isFinished: Bool
  ) -> Int {
    let offset = name.number == position.segment ? position.offset : 0
    // Retired meanwhile: everybody is done with it.
    return (try? lines(of: name, from: offset, isFinished: isFinished)) ?? 0
  }

  private mutating func lines(
    of name: SegmentName, from offset: Int, isFinished: Bool
  ) throws(SystemCallError) -> Int {
    if offset == 0, let known = finished[name] { return known }
    guard try system.lstat(directory.segment(name)).isRegularFile else { return 0 }
    let descriptor = try system.open(directory.segment(name), O_RDONLY | O_NOFOLLOW, mode: 0)
    defer { system.close(descriptor) }
    var count = 0
    var offset = offset
    let start = offset
    while true {
      var bytes: [UInt8] = []
      let got = try system.pread(
        descriptor, appendingTo: &bytes, count: Self.readBytes, at: offset)
      if got == 0 { break }
      offset += got
      count += Self.newlines(bytes)
    }
    if isFinished, start == 0 { finished[name] = count }
    return count
  }

  private static func newlines(_ bytes: [UInt8]) -> Int {
    unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      var count = 0
      var start = 0
      while start < bytes.count,
        let found = unsafe memchr(base + start, 0x0A, bytes.count - start)
      {
        count += 1
        start = unsafe UnsafeRawPointer(found) - base + 1
      }
      return count
    }
  }
}
