/// How a writer treats the spool; every figure has its unit in its name.
package struct SpoolSettings: Sendable {
  /// A segment that has this many bytes is followed by a new one.
  package var segmentBytesMax = 64 << 20
  /// A segment this old is followed by a new one.
  package var segmentSecondsMax = 3600
  /// Space reserved ahead of the end of the active segment.
  package var reservationBytes = 4 << 20
  /// How long a writer waits for another that holds the lock before it takes the lock away.
  package var lockWaitSecondsMax = 2
  /// What refused requests may take in `quarantine/`, and as much again what was found damaged.
  package var quarantineBytesMax = 64 << 20
  package var durability = Durability.sync

  package init() {}

  /// What has happened before an append returns.
  package enum Durability: String, Sendable, CaseIterable {
    /// The record is on the disk: it survives a power cut.
    case sync
    /// The kernel has the record: it survives the end of any process, not a power cut.
    case write
    /// As `write`, and no directory is synced either when a segment begins.
    case none
  }
}
