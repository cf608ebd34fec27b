import Spool
import SystemCalls

/// Letters that were dead when a lane began. A crash may have come between a letter and the checkpoint that counts it:
/// then the lane meets the record again, finds its letter here, and counts it as dead instead of trying it once
/// more.
struct BuriedLetters {
  private var letters: Set<Letter.Key> = []
  /// Requeued since: only from the spool, where they died first, do they come uncounted.
  private var requeued: Set<String> = []

  init(
    _ deadLetters: DeadLetters, _ files: RequeueFiles, _ progress: Checkpoint.Requeue,
    _ system: any SystemCalls
  ) throws {
    try deadLetters.read { letter, _ in letters.insert(letter.key) }
    // What may not survive a power cut does not count: it is tried once more.
    if !letters.isEmpty, (try? deadLetters.sync()) == nil { letters = [] }
    try deadLetters.readDropped { letter, _ in letters.insert(letter.key) }
    letters.formUnion(try DeadLetters.keys(of: files.inbox, system).filter { !$0.isReplay })
    if let number = try files.number(from: progress.number) {
      for key in try DeadLetters.keys(of: files.path(number), system) where !key.isReplay {
        requeued.insert(key.id)
      }
    }
  }

  /// Whether the record that comes from there lies here; if so, it is not met again.
  mutating func take(_ id: String, _ origin: Checkpoint.Origin) -> Bool {
    switch origin {
    case .spool:
      letters.remove(Letter.Key(id: id, isReplay: false)) != nil || requeued.remove(id) != nil
    case .requeue: letters.remove(Letter.Key(id: id, isReplay: false)) != nil
    case .replay: letters.remove(Letter.Key(id: id, isReplay: true)) != nil
    }
  }

  /// These have become the lane's work.
  mutating func requeue(_ ids: Set<String>) {
    for id in ids where letters.remove(Letter.Key(id: id, isReplay: false)) != nil {
      requeued.insert(id)
    }
  }
}
