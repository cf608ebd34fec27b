import Spool

/// What a lane remembers of what it could not read.
struct UnreadableState: ~Copyable {
  /// The segment that reading stands before since then; nil: none.
  var failing: (segment: Int, since: Int64)?
  /// How often reading on may still be tried again in the mode `once`.
  var rereads = Lane.rereadsMax
  /// Pending records whose file cannot be read.
  var records: [Checkpoint.Unsettled] = []
  /// When all of it is tried again: at the start, too.
  var due = Int64.min
  /// The segments still to be tried in this round.
  var round: ArraySlice<SpoolPosition> = []
  /// In the segment that is being taken up.
  var reader: SpoolReader?
  var segment = 0

  var isTakingUp: Bool { reader != nil || !round.isEmpty }
  var holdsRequeued: Bool { records.contains { $0.origin != nil } }
}
