import Spool
import SystemCalls

/// How much there is in a spool, whoever put it there.
struct SpoolFacts: Sendable, Equatable {
  var segments = 0
  var segmentBytes = 0
  var archivedSegments = 0
  var archiveBytes = 0
  var quarantineBytes = 0
  /// Files that nginx kept and that are not taken in yet.
  var rescueFiles = 0
  /// The process that delivers; nil: none that can be seen.
  var senderProcess: Int?

  /// Directories that are not there hold nothing.
  init(_ directory: SpoolDirectory, _ system: any SystemCalls) throws(SystemCallError) {
    (segments, segmentBytes) = try Self.count(directory.segments, system) {
      SegmentName($0) != nil
    }
    (archivedSegments, archiveBytes) = try Self.count(directory.archive, system) {
      SegmentName($0) != nil
    }
    quarantineBytes = try Self.count(directory.quarantine, system) { _ in true }.bytes
    rescueFiles = try Self.count(directory.rescue, system) { _ in true }.files
    senderProcess = try SenderLock.holder(directory, system)
  }

  private static func count(
    _ path: String, _ system: any SystemCalls, _ isCounted: (String) -> Bool
  ) throws(SystemCallError) -> (files: Int, bytes: Int) {
    let names: [String]
    do throws(SystemCallError) {
      names = try system.list(path)
    } catch {
      guard error.isMissing else { throw error }
      return (0, 0)
    }
    var total = (files: 0, bytes: 0)
    for name in names where isCounted(name) {
      do throws(SystemCallError) {
        let status = try system.lstat("\(path)/\(name)")
        guard status.isRegularFile else { continue }
        total.files += 1
        total.bytes += status.size
      } catch {
        // Gone meanwhile.
        guard error.isMissing else { throw error }
      }
    }
    return total
  }
}
