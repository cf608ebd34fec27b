import Spool
import SystemCalls

/// A lane's way through ``RequeueFiles``: one file after the other, each read once, and deleted when all in it is
/// settled.
struct RequeueWork {
  enum Reading {
    /// `offset` is where it begins in the file of the progress's number.
    case letter(Letter, offset: Int)
    /// Bytes that are no letter, and the letters that are whole among them.
    case damaged([UInt8], offset: Int, letters: [ArraySlice<UInt8>])
    /// Letters were made this lane's work: these ids are among the dead no more.
    case began(ids: Set<String>)
    case nothing
  }

  private(set) var progress: Checkpoint.Requeue
  private let files: RequeueFiles
  private let deadLetters: DeadLetters
  private let system: any SystemCalls
  private var lines: LineSource?
  /// All of the file was read.
  private(set) var isAtEnd = false
  private var savesSinceEnd = 0
  private var lookedAt = Int64.min

  /// How often it is looked whether there is something new.
  private static let lookNanoseconds: Int64 = 1_000_000_000

  init(
    _ progress: Checkpoint.Requeue, _ files: RequeueFiles, _ deadLetters: DeadLetters,
    _ system: any SystemCalls
  ) {
    self.progress = progress
    self.files = files
    self.deadLetters = deadLetters
    self.system = system
  }

  mutating func next() throws -> Reading {
    if isAtEnd { return .nothing }
    guard let lines else { return try begin() }
    let offset = lines.offset
    let line: ArraySlice<UInt8>
    if let whole = try lines.next() {
      line = whole
      progress.offset = lines.offset
    } else {
      isAtEnd = true
      line = lines.rest
      progress.offset = lines.offset + line.count
      // Nobody adds to this file: without its newline a line is as good.
      if line.isEmpty { return .nothing }
    }
    if let letter = Letter(line: line) { return .letter(letter, offset: offset) }
    return .damaged(Array(line), offset: offset, letters: Letter.all(in: line).map(\.line))
  }

  /// A checkpoint is durable in which all of the file is settled. The file goes only after the second such checkpoint, as
  /// the one before is what counts when the last is damaged.
  mutating func savedSettled() throws(SystemCallError) {
    savesSinceEnd += 1
    guard savesSinceEnd >= 2 else { return }
    try files.delete(progress.number)
    lines = nil
    isAtEnd = false
    savesSinceEnd = 0
  }

  private mutating func begin() throws -> Reading {
    let now = system.monotonicNanoseconds()
    guard lookedAt == .min || now - lookedAt >= Self.lookNanoseconds else { return .nothing }
    lookedAt = now
    // Where a crash came between taking a file and the checkpoint, it has a higher number.
    if let number = try files.number(from: progress.number) {
      if number > progress.number { progress = Checkpoint.Requeue(number: number, offset: 0) }
      lines = try LineSource(path: files.path(number), from: progress.offset, system)
      return try next()
    }
    let next = progress.number + 1
    guard let ids = try deadLetters.takeRequeued(number: next) else { return .nothing }
    progress = Checkpoint.Requeue(number: next, offset: 0)
    lines = try LineSource(path: files.path(next), system)
    return .began(ids: ids)
  }
}
