import Notice
import Spool

/// How far a destination has come: everything before `position` is settled, except what `unsettled` and `unread` list. One line of
/// JSON in `state/<destination>.json`, ended by a checksum as a record is:
///
///     {"beganAt":{"offset":0,"segment":1},
///      "counts":{"damaged":0,"dead":1,"delivered":1200,"filtered":0,"lost":0,"replayed":0},"destination":"crm",
///      "position":{"offset":4711,"segment":42},"requeue":{"number":3,"offset":812},
///      "unread":[{"offset":0,"segment":40}],
///      "unsettled":[{"failures":2,"firstFailureAt":"…","nextAttemptAt":"…","othersDelivered":true,"position":{…}}],
///      "updatedAt":"…","version":1,"crc32c":"9ae0daaf"}
struct Checkpoint: Sendable, Equatable, Codable {
  /// Whence a record comes to a destination.
  enum Origin: String, Sendable, Codable {
    case spool
    /// It was dead.
    case requeue
    /// It was settled, and is asked for once more.
    case replay
  }

  /// A record that was read and is neither delivered nor given up.
  struct Unsettled: Sendable, Equatable, Codable {
    /// Where it stands; of what is not from the spool, in the requeue file that has the segment's number.
    var position: SpoolPosition
    /// nil: from the spool.
    var origin: Origin?
    var failures: Int
    var firstFailureAt: Timestamp?
    var nextAttemptAt: Timestamp?
    /// Others were delivered since it first failed.
    var othersDelivered: Bool?
  }

  /// What became of the records that a destination has read: each is counted once, as what it is now. So a dead one
  /// that is requeued is dead no more.
  struct Counts: Sendable, Equatable, Codable {
    var delivered = 0
    var filtered = 0
    var dead = 0
    /// Lines that were no records.
    var damaged = 0
    /// Records that were pending and could not be read any more.
    var lost = 0
    /// Deliveries of records that are counted already.
    var replayed = 0
  }

  /// How far the destination has come with what was requeued for it: ``RequeueFiles``.
  struct Requeue: Sendable, Equatable, Codable {
    var number = 0
    var offset = 0
  }

  static let versionKnown = 1

  var version = Checkpoint.versionKnown
  let destination: String
  /// Where it read its first line.
  var beganAt: SpoolPosition?
  var position: SpoolPosition
  var counts = Counts()
  var requeue = Requeue()
  var unsettled: [Unsettled] = []
  /// Segments before `position` that could not be read, and where in each reading stopped: all behind that is pending, to
  /// the segment's end. nil: none.
  var unread: [SpoolPosition]?
  var updatedAt = Timestamp(milliseconds: 0)

  /// The lowest segment that is still needed.
  var segmentNeeded: Int {
    oldest.segment
  }

  /// Where the oldest record of the spool stands that is pending, or will be.
  var oldest: SpoolPosition {
    unsettled.reduce((unread ?? []).reduce(position, min)) {
      $1.origin == nil ? min($0, $1.position) : $0
    }
  }

  /// Whether what stands there has not been read yet.
  func isAhead(_ place: SpoolPosition) -> Bool {
    place >= position
      || unread?.contains { $0.segment == place.segment && $0.offset <= place.offset } == true
  }

  func encoded() throws -> [UInt8] { try SealedJSON.encode(self) }

  init(destination: String, position: SpoolPosition) {
    self.destination = destination
    self.position = position
  }

  /// Reads what ``encoded()`` wrote; throws on anything else.
  init(decoding line: [UInt8]) throws {
    // Before all else: a later version may have members of other kinds.
    let version = try SealedJSON.decode(Version.self, from: line).version
    guard version <= Self.versionKnown else { throw UnknownVersion(version: version) }
    self = try SealedJSON.decode(Checkpoint.self, from: line)
    guard isPossible else { throw Impossible() }
  }

  /// Figures so far from the end of a number that no sum of them overflows, and places that a file can have.
  private var isPossible: Bool {
    let places = [position] + [beganAt].compactMap { $0 } + unsettled.map(\.position)
    let figures = [
      counts.delivered, counts.filtered, counts.dead, counts.damaged, counts.lost, counts.replayed,
    ]
    return places.allSatisfy { (0...Self.figureMax).contains($0.segment) }
      && places.allSatisfy { (0...Self.figureMax).contains($0.offset) }
      && [requeue.number, requeue.offset].allSatisfy { (0...Self.figureMax).contains($0) }
      && unsettled.allSatisfy { (0...Self.figureMax).contains($0.failures) }
      && figures.allSatisfy { (-Self.figureMax...Self.figureMax).contains($0) }
  }

  private static let figureMax = 1 << 53

  private struct Version: Decodable {
    let version: Int
  }

  private struct Impossible: Error, CustomStringConvertible {
    var description: String { "it has figures that none can have" }
  }

  struct UnknownVersion: Error, CustomStringConvertible {
    let version: Int
    var description: String { "it was written by a later version (format \(version))" }
  }
}
