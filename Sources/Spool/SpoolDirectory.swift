import Glibc
package import SystemCalls

/// Where everything in a spool lies, and with which modes it is made: a notice holds personal data and the platform's
/// credential, so nothing is open to others, whatever the umask.
package struct SpoolDirectory: Sendable {
  package let path: String
  /// A symbolic link to the segment being written, relative to the spool.
  package let current: String

  package static let directoryMode: UInt32 = 0o750
  package static let fileMode: UInt32 = 0o640

  /// `path` without its trailing slashes.
  package init(_ path: String) {
    var path = path
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") {
      path.unicodeScalars.removeLast()
    }
    self.path = path
    current = "\(path)/current.ndjson"
  }

  /// What ``current`` becomes next. The name is fixed: see ``ActiveSegment``.
  var currentNext: String { "\(path)/.current.next" }
  package var lock: String { "\(path)/lock" }
  package var segments: String { "\(path)/segments" }
  package var quarantine: String { "\(path)/quarantine" }
  package var dead: String { "\(path)/dead" }
  package var state: String { "\(path)/state" }
  package var archive: String { "\(path)/archive" }
  package var rescue: String { "\(path)/rescue" }

  package func segment(_ name: SegmentName) -> String { "\(segments)/\(name)" }

  /// Makes what is missing, and its names durable.
  package func create(_ system: any SystemCalls) throws(SystemCallError) {
    var made = try makeDirectory(path, system)
    if made { try system.syncDirectory(parent) }
    for path in [segments, quarantine, dead, state, archive, rescue] {
      if try makeDirectory(path, system) { made = true }
    }
    if made { try system.syncDirectory(path) }
  }

  /// The segments in `segments/`, lowest number first. Other names are not ours and are passed over.
  package func segmentNames(_ system: any SystemCalls) throws(SystemCallError) -> [SegmentName] {
    try system.list(segments).compactMap(Self.segmentName).sorted()
  }

  /// The last of ``segmentNames(_:)``.
  package func highestSegment(_ system: any SystemCalls) throws(SystemCallError) -> SegmentName? {
    try system.list(segments).lazy.compactMap(Self.segmentName).max()
  }

  /// What is compressed lies in the archive.
  private static func segmentName(_ file: String) -> SegmentName? {
    file.hasSuffix(".ndjson") ? SegmentName(file) : nil
  }

  /// The segment that `current.ndjson` names; where that is missing or no link to a segment, the highest there is. It may
  /// not exist yet: see ``ActiveSegment``.
  package func currentSegment(_ system: any SystemCalls) throws(SystemCallError) -> SegmentName? {
    do throws(SystemCallError) {
      let target = try system.readlink(current)
      if target.hasPrefix("segments/"), let name = SegmentName(target.dropFirst(9)) { return name }
    } catch {
      // Missing, or no link: then the segments themselves tell.
      guard error.errno == ENOENT || error.errno == EINVAL else { throw error }
    }
    do throws(SystemCallError) {
      return try highestSegment(system)
    } catch {
      guard error.errno == ENOENT else { throw error }
      return nil
    }
  }

  var parent: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func makeDirectory(
    _ path: String, _ system: any SystemCalls
  ) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      try system.mkdir(path, mode: Self.directoryMode)
      return true
    } catch {
      guard error.errno == EEXIST else { throw error }
      return false
    }
  }
}
