import Destinations
import Notice
import Spool
import SystemCalls

/// One destination's accounts: what its checkpoint, its dead letters and its table say, held against the records that are
/// in the spool. Fed with every line of the spool and its archive in order, it then says what does not add up.
struct DestinationLedger {
  let checkpoint: Checkpoint
  /// Lines that came before the checkpoint's position, and records behind it.
  private(set) var records = 0
  private(set) var damaged = 0
  private(set) var behind = 0
  private(set) var deadCount = 0
  /// Records before the position that are settled and not dead, and those of them that the table lacks.
  private var rowsLooked = 0
  private var rowsMissing = 0
  private var rowsMissingIDs: [String] = []

  private let unsettled: Set<SpoolPosition>
  private var unsettledSeen: Set<SpoolPosition> = []
  /// Dead, dropped or requeued and not taken up: each record that counts as dead in the checkpoint.
  private var deadIDs: Set<String> = []
  private var deadUnseen: Set<String> = []
  private var deadAndPending: Set<String> = []
  private var findings: [String] = []
  private let table: NoticeTableReader?
  private var tableFailure: String?
  /// Segments in the destination's range that only the index knows.
  private var segmentsIndexed = 0
  /// Letters written after the checkpoint.
  private var lateIDs: Set<String> = []

  /// So many records it need not have read: others stand for them.
  var copiesMax = 0

  private static let idsNamedMax = 5

  /// `tablePath`: the database, where the destination is one.
  init(
    _ checkpoint: Checkpoint, tablePath: String?, in directory: SpoolDirectory,
    _ system: any SystemCalls
  ) throws {
    self.checkpoint = checkpoint
    unsettled = Set(checkpoint.unsettled.filter { $0.origin == nil }.map(\.position))
    table = try tablePath.flatMap { path in
      // A destination that has nothing yet need not have made its database.
      (try? system.lstat(path)) == nil ? nil : try NoticeTableReader(path: path)
    }
    if let tablePath, table == nil, checkpoint.counts.delivered > 0 {
      findings.append(
        "\(checkpoint.counts.delivered) records are delivered and \(tablePath) is gone")
    }
    try addLetters(directory, system)
  }

  // MARK: What there is

  private mutating func addLetters(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws {
    let letters = DeadLetters(checkpoint.destination, directory, system)
    let files = RequeueFiles(checkpoint.destination, directory, system)
    var keys: Set<Letter.Key> = []
    var twice: [String] = []
    var late: Set<String> = []
    try letters.read { letter, _ in
      // A person may ask for a record twice.
      if !keys.insert(letter.key).inserted, !letter.isReplay { twice.append(letter.record.id) }
      if letter.time >= checkpoint.updatedAt.rfc3339 { late.insert(letter.record.id) }
    }
    if !twice.isEmpty { findings.append("\(Self.list(twice)) is more than once among the dead") }
    lateIDs = late
    var deadIDs = Set(keys.filter { !$0.isReplay }.map(\.id))
    try letters.readDropped { letter, _ in
      if !letter.isReplay { deadIDs.insert(letter.record.id) }
    }
    var both: [String] = []
    for letter in try files.waiting(checkpoint.requeue) where !letter.isReplay {
      if keys.contains(letter.key) { both.append(letter.record.id) }
      deadIDs.insert(letter.record.id)
    }
    for item in checkpoint.unsettled where item.origin == .requeue {
      let id = try? files.letter(item.position.segment, at: item.position.offset)?.record.id
      guard let id, keys.contains(Letter.Key(id: id, isReplay: false)) else { continue }
      if late.contains(id) { deadAndPending.insert(id) } else { both.append(id) }
    }
    if !both.isEmpty {
      findings.append(
        "\(Self.list(both)) is both dead and requeued: a requeue was cut short; the sender mends it when it takes it up"
      )
    }
    self.deadIDs = deadIDs
    deadUnseen = deadIDs
  }

  /// The index's word for a segment that is gone.
  mutating func add(_ segment: Int, _ entry: SegmentIndex.Entry) {
    guard let began = checkpoint.beganAt, began.segment <= segment,
      segment < checkpoint.position.segment
    else { return }
    records += entry.records
    damaged += entry.damaged
    segmentsIndexed += 1
  }

  /// A record that stands there.
  mutating func add(_ record: NoticeRecord, at position: SpoolPosition) {
    let id = record.id
    let isDead = deadIDs.contains(id)
    if isDead { deadUnseen.remove(id) }
    if checkpoint.isAhead(position) {
      behind += 1
      if isDead { deadAndPending.insert(id) }
      return
    }
    guard let began = checkpoint.beganAt, position >= began else { return }
    records += 1
    if unsettled.contains(position) {
      unsettledSeen.insert(position)
      if isDead { deadAndPending.insert(id) }
    } else if !isDead {
      look(for: id)
    }
  }

  /// Bytes that are no record.
  mutating func addDamage(at position: SpoolPosition) {
    guard let began = checkpoint.beganAt, position >= began, !checkpoint.isAhead(position) else {
      return
    }
    damaged += 1
  }

  private mutating func look(for id: String) {
    guard let table else { return }
    rowsLooked += 1
    do {
      if try table.holds(id: id) { return }
    } catch {
      tableFailure = tableFailure ?? "\(error)"
    }
    rowsMissing += 1
    if rowsMissingIDs.count < Self.idsNamedMax { rowsMissingIDs.append(id) }
  }

  // MARK: What it comes to

  var pending: Int {
    behind + checkpoint.unsettled.count { $0.origin != .replay }
  }

  private var requeuedPending: Int { checkpoint.unsettled.count { $0.origin == .requeue } }

  /// What became of records, by the checkpoint.
  private var accounted: Int {
    let counts = checkpoint.counts
    return counts.delivered + counts.filtered + counts.dead + counts.lost + unsettled.count
      + requeuedPending
  }

  /// There are more records than it read.
  var hasSurplus: Bool { records > accounted }

  /// Everything that does not add up, a line each.
  func conclude() -> [String] {
    let counts = checkpoint.counts
    var findings = findings
    if records < accounted || records > accounted + copiesMax {
      findings.append(
        "read \(records) records, but \(counts.delivered) delivered + \(counts.filtered) filtered + "
          + "\(unsettled.count + requeuedPending) pending + \(counts.dead) dead + \(counts.lost) lost = \(accounted): "
          + (records < accounted
            ? "\(accounted - records) records are gone from the spool"
            : "\(records - accounted) records are unaccounted for"))
    }
    // What is damaged and was never read is none of its accounts; what was a record when it was read is missing above.
    // A writer that lost its lock may have cut off a torn line that was counted.
    if damaged != counts.damaged, records < accounted {
      findings.append(
        "\(damaged) lines are no records, but \(counts.damaged) were when they were read")
    }
    if counts.lost > 0 {
      findings.append("\(counts.lost) records were pending and could not be read any more")
    }
    let late = deadAndPending.intersection(lateIDs)
    let contrary = deadAndPending.subtracting(late)
    if !contrary.isEmpty {
      findings.append("\(Self.list(contrary.sorted())) is both dead and pending")
    }
    // A letter that is later than the checkpoint is counted by the next.
    let dead = deadIDs.count - deadAndPending.count
    if dead != counts.dead {
      findings.append("\(counts.dead) records died, but there are \(dead) letters of them")
    }
    if !deadUnseen.isEmpty, segmentsIndexed == 0 {
      findings.append("\(Self.list(deadUnseen.sorted())) is dead and not in the spool")
    }
    let unseen = unsettled.subtracting(unsettledSeen)
    if !unseen.isEmpty {
      findings.append("\(unseen.count) pending records are not where they were in the spool")
    }
    return findings + tableFindings
  }

  private var tableFindings: [String] {
    if let tableFailure { return ["its table cannot be read: \(tableFailure)"] }
    // Which ones were filtered is not written down, only how many.
    let filtered = checkpoint.counts.filtered + checkpoint.counts.lost
    guard rowsMissing > filtered else { return [] }
    return [
      "\(rowsMissing - filtered) of \(rowsLooked - filtered) delivered records are not in its table"
        + (filtered == 0 ? ": \(Self.list(rowsMissingIDs, of: rowsMissing))" : "")
    ]
  }

  private static func list(_ ids: [String], of total: Int? = nil) -> String {
    let total = total ?? ids.count
    let named = ids.prefix(idsNamedMax)
    return named.joined(separator: ", ")
      + (total > named.count ? " and \(total - named.count) others" : "")
  }
}
