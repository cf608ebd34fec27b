import Glibc
import JSONText
import Notice
package import SystemCalls

/// Takes the bodies that nginx kept while no handler answered into the spool. Each is one file in `rescue/`; it is
/// deleted when its record is durable, so that a crash in between repeats it rather than loses it.
package struct RescueInbox: Sendable {
  private let directory: SpoolDirectory
  private let writer: SpoolWriter
  private let quarantine: Quarantine
  private let system: any SystemCalls

  /// A file that is not moved into place whole (its name does not end in `.json`) may still be growing: it is taken
  /// when nothing has changed it for so long.
  private static let settleSeconds: Int64 = 60
  /// Files taken at one call.
  private static let filesMax = 1000
  /// Failures told at one call.
  private static let failuresMax = 10
  /// What is kept of a file that is no notice.
  private static let quarantineBytesMax = 64 << 10

  package init(
    _ directory: SpoolDirectory, _ settings: SpoolSettings, _ system: any SystemCalls
  ) {
    self.directory = directory
    self.system = system
    writer = SpoolWriter(directory, settings, system)
    quarantine = Quarantine(.refused, directory, settings, system)
  }

  /// What one call did. `failures` say which file could not be taken, and why, of the first few; it stays.
  package struct Outcome: Sendable {
    package var taken = 0
    package var refused = 0
    package var failures: [String] = []
  }

  /// Takes files that are whole, oldest name first.
  package func take() -> Outcome {
    var outcome = Outcome()
    let names: [String]
    do throws(SystemCallError) {
      names = try system.list(directory.rescue).sorted()
    } catch {
      if error.errno != ENOENT { outcome.failures.append(error.description) }
      return outcome
    }
    for name in names {
      // Those that cannot be taken are no reason to leave the ones behind them.
      if outcome.taken + outcome.refused >= Self.filesMax { break }
      do {
        guard try isWhole(name) else { continue }
        if try take(name) { outcome.taken += 1 } else { outcome.refused += 1 }
      } catch {
        if outcome.failures.count < Self.failuresMax {
          outcome.failures.append("\(directory.rescue)/\(name): \(error)")
        }
      }
    }
    return outcome
  }

  private func isWhole(_ name: String) throws(SystemCallError) -> Bool {
    let path = "\(directory.rescue)/\(name)"
    guard try system.lstat(path).isRegularFile else { return false }
    if name.hasSuffix(".json") { return true }
    let now = system.realtimeNanoseconds() / 1_000_000_000
    return now - Int64(try system.modifiedSeconds(path)) >= Self.settleSeconds
  }

  /// False: the file is no notice, and went to the quarantine.
  private func take(_ name: String) throws -> Bool {
    let path = "\(directory.rescue)/\(name)"
    let bytes = try read(path)
    let isNotice: Bool
    do {
      let body = try JSONText(validating: bytes, finding: NoticeKind.bodyPaths)
      // Of the request nothing is left but its body.
      let request = ReceivedRequest(remote: "", method: "", path: "rescue/\(name)")
      try writer.append(
        NoticeRecord.line(
          for: body, kind: NoticeKind(of: body), request: request,
          receivedAt: receivedAt(name) ?? system.realtimeNanoseconds(), random: system.random()))
      isNotice = true
    } catch let error as JSONTextError {
      try quarantine.keep(
        QuarantineEntry(
          reason: "rescued by nginx, but not JSON: \(error)",
          bytes: Array(bytes.prefix(Self.quarantineBytesMax)), origin: .file(name)),
        syncing: true)
      isNotice = false
    }
    try system.unlink(path)
    return isNotice
  }

  private func read(_ path: String) throws(SystemCallError) -> [UInt8] {
    let descriptor = try system.open(path, O_RDONLY | O_NOFOLLOW, mode: 0)
    defer { system.close(descriptor) }
    var bytes: [UInt8] = []
    while try system.pread(
      descriptor, appendingTo: &bytes, count: 256 << 10, at: bytes.count) > 0
    {}
    return bytes
  }

  /// nginx names a file by when it came: `1762489591.123-….json`, in seconds since 1970.
  private func receivedAt(_ name: String) -> Int64? {
    let parts = name.prefix { $0 != "-" }.split(separator: ".")
    guard parts.count == 2, parts[1].utf8.count == 3, let seconds = Int64(parts[0]),
      let milliseconds = Int64(parts[1]), seconds > 0, seconds < 1 << 33
    else { return nil }
    return (seconds * 1000 + milliseconds) * 1_000_000
  }
}
