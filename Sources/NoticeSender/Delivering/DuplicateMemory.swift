import Delivery
import Glibc
import Logging
import Notice
import Spool
import SystemCalls

/// Tells a push that a destination already has, also after a restart: ``DeliveredPushes`` with
/// `state/<destination>.duplicates`, a line for each delivery. The file is only added to after a delivery and is never synced:
/// what a crash or a damage takes from it is delivered once more.
struct DuplicateMemory {
  private var pushes: DeliveredPushes
  private let countMax: Int
  private let path: String
  private let directory: String
  private let system: any SystemCalls
  private let log: Logger
  /// Deliveries that are not in the file yet.
  private var unsaved: [UInt8] = []
  private var linesInFile = 0
  private var isFailureTold = false

  init(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls, _ log: Logger,
    countMax: Int = DeliveredPushes.countMax
  ) {
    path = "\(directory.state)/\(destination).duplicates"
    self.directory = directory.state
    self.system = system
    self.log = log
    self.countMax = countMax
    pushes = DeliveredPushes(countMax: countMax)
    load()
  }

  /// Whether the destination has this push by another record.
  func isDuplicate(_ record: NoticeRecord) -> Bool {
    DeliveredPushes.Push(record).map(pushes.hasDuplicate) ?? false
  }

  mutating func delivered(_ record: NoticeRecord) {
    guard let push = DeliveredPushes.Push(record), pushes.delivered(push) else { return }
    unsaved += push.line
  }

  /// Adds the latest deliveries to the file. A failure costs no more than repeated deliveries after a restart, and
  /// is told once.
  mutating func save() {
    guard !unsaved.isEmpty else { return }
    defer { unsaved.removeAll(keepingCapacity: true) }
    do throws(SystemCallError) {
      if linesInFile >= 2 * countMax {
        try rewrite()
      } else {
        var file = try LineFile.open(path, in: directory, system)
        try file.append(unsaved, syncing: false)
        linesInFile += unsaved.count(where: { $0 == UInt8(ascii: "\n") })
      }
      isFailureTold = false
    } catch {
      if isFailureTold { return }
      isFailureTold = true
      log.error("unable to remember what was delivered; duplicates may get through: \(error)")
    }
  }

  private mutating func rewrite() throws(SystemCallError) {
    let next = path + ".next"
    let descriptor = try system.open(
      next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    defer { system.close(descriptor) }
    var count = 0
    try system.writeAll(descriptor, pushes.all.flatMap(\.line), written: &count)
    try system.rename(next, to: path)
    linesInFile = pushes.all.count
  }

  private mutating func load() {
    var bytes: [UInt8] = []
    do throws(SystemCallError) {
      let descriptor = try system.open(path, O_RDONLY | O_NOFOLLOW, mode: 0)
      defer { system.close(descriptor) }
      while try system.pread(descriptor, appendingTo: &bytes, count: 1 << 20, at: bytes.count) > 0 {
      }
    } catch {
      if error.errno != ENOENT {
        log.error("unable to read what was delivered; duplicates may get through: \(error)")
      }
    }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      linesInFile += 1
      // A line that cannot be read is one delivery that is not remembered.
      if let push = DeliveredPushes.Push(line: line) { pushes.delivered(push) }
    }
  }
}
