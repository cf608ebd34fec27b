import Delivery
import Glibc
import JSONText
import Notice
import Spool
import SystemCalls

/// The messages that a destination will not get, in `dead/<destination>.ndjson`, one line each, until a person acts:
///
///     {"time":"…","reason":"answered 422: …","attempts":2,"status":422,"answer":"…","record":{…the spool's line…}}
///
/// A letter that goes is durable where it goes to before it leaves: what is requeued in ``RequeueFiles``, what is dropped in
/// `dead/dropped/<destination>.ndjson`. All of this is done under `dead/<destination>.lock`.
struct DeadLetters {
  /// Which letters a person means.
  enum Selection {
    case all
    case ids(Set<String>)

    func contains(_ letter: Letter) -> Bool {
      switch self {
      case .all: true
      case .ids(let ids): ids.contains(letter.record.id)
      }
    }
  }

  let path: String
  private let destination: String
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private let requeueFiles: RequeueFiles

  private static let lockWaitMilliseconds = 2000
  private static let chunkBytes = 1 << 20

  init(_ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls) {
    path = "\(directory.dead)/\(destination).ndjson"
    self.destination = destination
    self.directory = directory
    self.system = system
    requeueFiles = RequeueFiles(destination, directory, system)
  }

  private var droppedDirectory: String { "\(directory.dead)/dropped" }
  private var droppedPath: String { "\(droppedDirectory)/\(destination).ndjson" }

  func lock() throws -> FileLock {
    try FileLock.acquire(
      "\(directory.dead)/\(destination).lock", waitMilliseconds: Self.lockWaitMilliseconds, system)
  }

  // MARK: What the sender does

  /// When this returns, the letter survives a power cut. A crash before its checkpoint finds it there, by its time; nil: now.
  func append(
    _ record: NoticeRecord, attempts: Int, outcome: DeliveryOutcome, isReplay: Bool,
    at time: Timestamp? = nil
  ) throws {
    let now = time ?? Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    var object = JSONObjectWriter()
    object.member("time", string: now.rfc3339)
    object.member("reason", string: outcome.description)
    object.member("attempts", number: attempts)
    if case .answered(let status, _, let excerpt) = outcome {
      object.member("status", number: status)
      object.member("answer", string: String(decoding: excerpt, as: UTF8.self))
    }
    if isReplay { object.member("replay", bool: true) }
    object.member("record", token: record.line)
    let lock = try lock()
    var file = try openFile()
    try file.append(object.bytes + [UInt8(ascii: "\n")], syncing: true)
    lock.release()
  }

  /// Letters that were found among damaged bytes of a requeue file.
  func requeue(_ lines: [ArraySlice<UInt8>]) throws {
    guard !lines.isEmpty else { return }
    let lock = try lock()
    try requeueFiles.add(lines.flatMap { $0 + [UInt8(ascii: "\n")] })
    lock.release()
  }

  /// Makes what is requeued the file of that number. A letter that is in it and, by a crash in between, among the dead
  /// still, is among them no more. nil: there is nothing requeued.
  func takeRequeued(number: Int) throws -> Set<String>? {
    guard try requeueFiles.hasInbox() else { return nil }
    let lock = try lock()
    // Who requeued it may have been killed before it was durable, or in the middle of a line: its letter is still here.
    var inbox = try requeueFiles.openInbox()
    try inbox.sync()
    let keys = try Set(
      Self.keys(of: requeueFiles.inbox, system).filter { !$0.isReplay })
    try remove(keys)
    try requeueFiles.takeInbox(as: number)
    lock.release()
    return Set(keys.map(\.id))
  }

  /// Makes the letters durable that are there: their writer may have been killed before they were.
  func sync() throws(SystemCallError) {
    var file = try openFile()
    try file.sync()
  }

  private func openFile() throws(SystemCallError) -> LineFile {
    try LineFile.open(
      path, in: directory.dead, system, keepingTornAs: "dead/\(destination).ndjson",
      in: Quarantine(.damaged, directory, SpoolSettings(), system))
  }

  // MARK: What a person does

  /// Calls `body` with each letter, oldest first, and its line.
  func read(_ body: (Letter, ArraySlice<UInt8>) throws -> Void) throws {
    try Self.read(in: path, system, body)
  }

  /// Letters that a person dropped.
  func readDropped(_ body: (Letter, ArraySlice<UInt8>) throws -> Void) throws {
    try Self.read(in: droppedPath, system, body)
  }

  /// Makes letters new attempts; returns how many.
  func requeue(_ selection: Selection) throws -> Int {
    let lock = try lock()
    let count = try move(
      selection, to: requeueFiles.inbox, in: directory.state,
      as: "state/\(destination).requeue.ndjson")
    lock.release()
    return count
  }

  /// Gives letters up for good: they stay on the disk, and nobody delivers them. Returns how many.
  func drop(_ selection: Selection) throws -> Int {
    do throws(SystemCallError) {
      try system.mkdir(droppedDirectory, mode: SpoolDirectory.directoryMode)
      try system.syncDirectory(directory.dead)
    } catch {
      guard error.errno == EEXIST else { throw error }
    }
    let lock = try lock()
    let count = try move(
      selection, to: droppedPath, in: droppedDirectory, as: "dead/dropped/\(destination).ndjson")
    lock.release()
    return count
  }

  /// First there, then not here: a crash in between leaves a letter in both places, and is made good by the next
  /// move, which finds it there.
  private func move(
    _ selection: Selection, to target: String, in folder: String, as name: String
  ) throws -> Int {
    let there = try Set(Self.keys(of: target, system))
    var moved: Set<Letter.Key> = []
    var file = try LineFile.open(
      target, in: folder, system, keepingTornAs: name,
      in: Quarantine(.damaged, directory, SpoolSettings(), system))
    var chunk: [UInt8] = []
    try read { letter, line in
      guard selection.contains(letter), moved.insert(letter.key).inserted,
        !there.contains(letter.key)
      else { return }
      chunk += line + [UInt8(ascii: "\n")]
      guard chunk.count >= Self.chunkBytes else { return }
      try file.append(chunk, syncing: false)
      chunk = []
    }
    guard !moved.isEmpty else { return 0 }
    // What was there already is to be durable as well before it leaves here.
    if chunk.isEmpty { try file.sync() } else { try file.append(chunk, syncing: true) }
    try remove(moved)
    return moved.count
  }

  private func remove(_ keys: Set<Letter.Key>) throws(SystemCallError) {
    guard !keys.isEmpty else { return }
    try LineFile.rewrite(path, in: directory.dead, system) { line in
      let letters = Letter.all(in: line)
      if letters.allSatisfy({ !keys.contains($0.letter.key) }) { return [line] }
      return Letter.pieces(of: line).filter { piece in
        Letter(line: piece).map { !keys.contains($0.key) } ?? true
      }
    }
  }

  // MARK: Reading

  static func read(
    in path: String, _ system: any SystemCalls,
    _ body: (Letter, ArraySlice<UInt8>) throws -> Void
  ) throws {
    let lines: LineSource
    do throws(SystemCallError) {
      lines = try LineSource(path: path, system)
    } catch {
      guard error.isMissing else { throw error }
      return
    }
    while let line = try lines.next() {
      for (letter, line) in Letter.all(in: line) { try body(letter, line) }
    }
  }

  static func keys(of path: String, _ system: any SystemCalls) throws -> [Letter.Key] {
    var keys: [Letter.Key] = []
    try read(in: path, system) { letter, _ in keys.append(letter.key) }
    return keys
  }
}
