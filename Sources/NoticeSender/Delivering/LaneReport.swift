import Spool

/// What a lane tells of itself to those who are not its thread.
struct LaneReport: Sendable {
  /// The lowest segment that it still needs, by its last checkpoint; nil: it has none yet.
  var segmentNeeded: Int?
  /// Nothing is pending. Said when it ended.
  var isDrained = false
  /// Its thread does nothing any more.
  var isEnded = false
  /// Its last checkpoint.
  var checkpoint: Checkpoint?
  var isPaused = false
  /// Attempts since it started, by what came of them.
  var attempts = AttemptCounts()
}
