import Glibc
import Notice
import Spool
import SystemCalls

/// The records that a destination shall get (again) because a person said so. Commands add to
/// `state/<destination>.requeue.ndjson`; the sender makes that `state/<destination>.requeue.<number>.ndjson`, works through it,
/// and deletes it when all that was in it is delivered or dead again. So a crash repeats rather than loses.
struct RequeueFiles {
  let inbox: String
  private let destination: String
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  init(_ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls) {
    inbox = "\(directory.state)/\(destination).requeue.ndjson"
    self.destination = destination
    self.directory = directory
    self.system = system
  }

  func path(_ number: Int) -> String {
    "\(directory.state)/\(destination).requeue.\(number).ndjson"
  }

  /// Adds lines, under the lock of ``DeadLetters``.
  func add(_ lines: [UInt8]) throws(SystemCallError) {
    var file = try openInbox()
    try file.append(lines, syncing: true)
  }

  func openInbox() throws(SystemCallError) -> LineFile {
    try LineFile.open(
      inbox, in: directory.state, system, keepingTornAs: "state/\(destination).requeue.ndjson",
      in: Quarantine(.damaged, directory, SpoolSettings(), system))
  }

  func hasInbox() throws(SystemCallError) -> Bool { try exists(inbox) }

  /// The lowest number of a file that is there to be worked on, at least `number`.
  func number(from number: Int) throws(SystemCallError) -> Int? {
    let prefix = "\(destination).requeue."
    return try system.list(directory.state).compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(".ndjson") else { return nil }
      return Int(name.dropFirst(prefix.count).dropLast(7))
    }.filter { $0 >= number }.min()
  }

  func takeInbox(as number: Int) throws(SystemCallError) {
    try system.rename(inbox, to: path(number))
    try system.syncDirectory(directory.state)
  }

  func delete(_ number: Int) throws(SystemCallError) {
    try system.unlink(path(number))
  }

  /// The letter that begins at `offset` of a file that is being worked on.
  func letter(_ number: Int, at offset: Int) throws(SystemCallError) -> Letter? {
    let lines = try LineSource(path: path(number), from: offset, system)
    // The last may have lost its newline.
    return try Letter(line: lines.next() ?? lines.rest)
  }

  /// Letters that were not taken yet, by a checkpoint that stands there.
  func waiting(_ progress: Checkpoint.Requeue) throws -> [Letter] {
    var letters: [Letter] = []
    var places = [(inbox, 0)]
    if let number = try number(from: progress.number) {
      places.append((path(number), number == progress.number ? progress.offset : 0))
    }
    for (path, offset) in places where try exists(path) {
      let lines = try LineSource(path: path, from: offset, system)
      while let line = try lines.next() {
        letters += Letter.all(in: line).map(\.letter)
      }
    }
    return letters
  }

  private func exists(_ path: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      _ = try system.lstat(path)
      return true
    } catch {
      guard error.isMissing else { throw error }
      return false
    }
  }
}
