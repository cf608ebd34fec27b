import Notice
import Spool
import SystemCalls

/// Letters that were dead when a lane began, and those that it wrote since. A crash may have come between a letter and the
/// checkpoint that counts it: then the letter is as late as the checkpoint or later, the lane meets the record again, finds its
/// letter here, and counts it as dead instead of trying it once more.
struct BuriedLetters {
  enum Meeting {
    /// There is no letter of it.
    case new
    /// It died, and no checkpoint counts that.
    case died
    /// It died and is counted: the spool has it more than once, as after a lock that was taken away or a sync that failed.
    case copy
  }

  /// Letters of these are counted by no checkpoint, and were not met again.
  private var uncounted: Set<Letter.Key> = []
  /// As those, and requeued since: only from the spool, where they died first, do they come uncounted.
  private var requeued: Set<String> = []
  /// Records that have a letter, replays left out.
  private var known: Set<String> = []

  init(
    _ deadLetters: DeadLetters, _ files: RequeueFiles, _ checkpoint: Checkpoint,
    _ system: any SystemCalls
  ) throws {
    let checkpointAt = checkpoint.updatedAt.rfc3339
    func add(_ letter: Letter) {
      if letter.time >= checkpointAt { uncounted.insert(letter.key) }
      if !letter.isReplay { known.insert(letter.record.id) }
    }
    try deadLetters.read { letter, _ in add(letter) }
    // What may not survive a power cut does not count: it is tried once more.
    if !uncounted.isEmpty, (try? deadLetters.sync()) == nil {
      uncounted = []
      known = []
    }
    try deadLetters.readDropped { letter, _ in add(letter) }
    try DeadLetters.read(in: files.inbox, system) { letter, _ in
      // A record that is asked for once more is no letter.
      if !letter.isReplay { add(letter) }
    }
    guard let number = try files.number(from: checkpoint.requeue.number) else { return }
    try DeadLetters.read(in: files.path(number), system) { letter, _ in
      if !letter.isReplay, letter.time >= checkpointAt { requeued.insert(letter.record.id) }
    }
  }

  /// What it is that comes from there. One that died is not met again.
  mutating func meet(_ id: @autoclosure () -> String, _ origin: Checkpoint.Origin) -> Meeting {
    // Nearly always: reading the id costs more than all else here.
    if uncounted.isEmpty, requeued.isEmpty, known.isEmpty { return .new }
    let id = id()
    if uncounted.remove(Letter.Key(id: id, isReplay: origin == .replay)) != nil { return .died }
    guard origin == .spool else { return .new }
    if requeued.remove(id) != nil { return .died }
    return known.contains(id) ? .copy : .new
  }

  func hasLetter(of id: String) -> Bool { known.contains(id) }

  /// A letter of it was written just now, and is counted.
  mutating func buried(_ id: String) { known.insert(id) }

  /// These have become the lane's work.
  mutating func requeue(_ ids: Set<String>) {
    known.subtract(ids)
    for id in ids where uncounted.remove(Letter.Key(id: id, isReplay: false)) != nil {
      requeued.insert(id)
    }
  }
}
