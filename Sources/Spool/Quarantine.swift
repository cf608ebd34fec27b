import Glibc
import Notice
package import SystemCalls

/// Keeps what was refused, and what was found damaged, in two files each: `refused.ndjson` and `refused.1.ndjson`, of
/// which the older makes room when the newer has half of the bytes allowed.
package struct Quarantine: Sendable {
  package enum Shelf: String, Sendable {
    case refused, damaged
  }

  /// A control character is written as six, and half of what is allowed is one file.
  private static let growthMax = 12

  private let directory: SpoolDirectory
  private let shelf: Shelf
  private let bytesMax: Int
  private let lockWaitSecondsMax: Int
  private let system: any SystemCalls

  package init(
    _ shelf: Shelf, _ directory: SpoolDirectory, _ settings: SpoolSettings,
    _ system: any SystemCalls
  ) {
    self.directory = directory
    self.shelf = shelf
    bytesMax = settings.quarantineBytesMax
    lockWaitSecondsMax = settings.lockWaitSecondsMax
    self.system = system
  }

  package func keep(_ entry: QuarantineEntry, syncing: Bool) throws(SystemCallError) {
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    let line = entry.line(at: now, bytesMax: bytesMax / Self.growthMax)
    var lock = SpoolLock(
      "\(directory.quarantine)/lock", waitSecondsMax: lockWaitSecondsMax, system)
    let acquisition: SpoolLock.Acquisition
    do throws(SystemCallError) {
      acquisition = try lock.acquire()
    } catch {
      guard error.errno == ENOENT else { throw error }
      try directory.create(system)
      acquisition = try lock.acquire()
    }
    defer { lock.forget() }
    // The loser appends a line whole or not at all.
    if acquisition == .takenAway { try lock.settle() }

    let path = "\(directory.quarantine)/\(shelf.rawValue).ndjson"
    var file = try LineFile.open(path, in: directory.quarantine, system)
    if file.size > 0, file.size + line.count > bytesMax / 2 {
      try system.rename(path, to: "\(directory.quarantine)/\(shelf.rawValue).1.ndjson")
      file = try LineFile.open(path, in: directory.quarantine, system)
    }
    try file.append(line, syncing: syncing)
  }
}
