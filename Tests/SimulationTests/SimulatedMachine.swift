import Delivery
import Destinations
import Glibc
import JSONText
import Logging
import Notice
import Spool
import SystemCalls
import TestSupport

@testable import NoticeSender

/// One machine with a spool on a ``SimulatedDisk``, the processes that use it, and the receivers elsewhere. Each of the functions is
/// what one process does; it may be cut short, and nothing that it says counts once its process has ended.
final class SimulatedMachine {
  let disk: SimulatedDisk
  let ledger: Ledger
  let directory = SpoolDirectory("/var/spool")
  let receivers: [SimulatedReceiver]
  var settings = SpoolSettings()
  var archive = ArchiveSettings(form: .plain, daysMax: nil)
  /// Set up anew for each process before it makes its first call.
  var preparing: (SimulatedProcess) -> Void = { _ in }
  private var writers: [Int: (process: SimulatedProcess, writer: SpoolWriter)] = [:]
  private var filesMade = 0
  private var holder: SimulatedProcess?
  /// What a person let go, or asked for once more, at each destination: such messages may come in any order.
  private(set) var replayedChats: [String: Set<String>] = [:]

  static let log = Logger(label: "simulation") { label -> any LogHandler in
    if Effort.tellsStory { return StreamLogHandler.standardOutput(label: label) }
    return SwiftLogNoOpLogHandler()
  }

  init(seed: UInt64, receivers names: [String] = ["a", "b"]) throws {
    let disk = SimulatedDisk(seed: seed)
    let ledger = Ledger()
    self.disk = disk
    self.ledger = ledger
    receivers = names.map { SimulatedReceiver($0, disk, ledger) }
    settings.lockWaitSecondsMax = 1
    let process = disk.process("test")
    try process.mkdir("/var", mode: 0o755)
    try process.syncDirectory("/")
  }

  /// A machine that is as this one, when all its processes have ended.
  init(copyOf other: SimulatedMachine) {
    for number in other.writers.keys { other.endWriter(number) }
    let disk = other.disk.copy()
    let ledger = other.ledger.copy()
    self.disk = disk
    self.ledger = ledger
    receivers = other.receivers.map { $0.copy(disk, ledger) }
    settings = other.settings
    archive = other.archive
    filesMade = other.filesMade
    replayedChats = other.replayedChats
  }

  func process(_ name: String) -> SimulatedProcess {
    let process = disk.process(name)
    preparing(process)
    return process
  }

  // MARK: Intake

  /// A writer that lives until it is killed.
  func writer(_ number: Int) -> (process: SimulatedProcess, writer: SpoolWriter) {
    if let known = writers[number], !known.process.isDead {
      preparing(known.process)
      return known
    }
    let process = process("writer")
    let made = (process, SpoolWriter(directory, settings, process))
    writers[number] = made
    return made
  }

  /// Ends a writer in its ordinary way.
  func endWriter(_ number: Int) {
    if let known = writers.removeValue(forKey: number), !known.process.isDead {
      disk.kill(known.process)
    }
  }

  /// What a handler does with requests that come at once. Returns the keys of those that were answered 200.
  @discardableResult
  func receive(
    _ messages: [Ledger.Message], by writer: (process: SimulatedProcess, writer: SpoolWriter)
  ) throws -> [String] {
    let lines = try messages.map { try line($0.body, writer.process) }
    let committed = writer.writer.append(contentsOf: lines).committed
    guard !writer.process.isDead else { return [] }
    let keys = messages.prefix(committed).map(\.key)
    ledger.acknowledge(keys)
    return keys
  }

  private func line(_ bytes: [UInt8], _ process: SimulatedProcess) throws -> [UInt8] {
    let body = try JSONText(validating: bytes, finding: NoticeKind.bodyPaths)
    return NoticeRecord.line(
      for: body, kind: NoticeKind(of: body),
      request: ReceivedRequest(remote: "192.0.2.1", method: "GET", path: "/notice"),
      receivedAt: process.realtimeNanoseconds(), random: process.random())
  }

  /// A body that nginx kept; it promises to survive a power cut only when it was synced.
  func rescue(_ message: Ledger.Message) throws {
    ledger.detour(message.key)
    let process = disk.process("test")
    defer { disk.kill(process) }
    try directory.create(process)
    filesMade += 1
    let path = "\(directory.rescue)/1795330112.\(100 + filesMade)-rescued.json"
    try write(message.body, to: path, process)
    for path in [directory.rescue, directory.path, "/var"] { try process.syncDirectory(path) }
    ledger.acknowledge([message.key])
  }

  /// Notices from a file, of which one line is no JSON.
  func importFile(_ messages: [Ledger.Message]) throws {
    let process = process("import")
    defer { if !process.isDead { disk.kill(process) } }
    filesMade += 1
    let path = "/var/import.\(filesMade)"
    let outside = disk.process("test")
    let lines = messages.map(\.body) + [Array("no JSON".utf8)]
    try write(Array(lines.joined(separator: [0x0A])), to: path, outside)
    disk.kill(outside)
    try directory.create(process)
    var work = Import(directory, process)
    try work.take(LineSource(path: path, process), name: "import") { _ in }
    if !process.isDead { ledger.acknowledge(messages.map(\.key)) }
  }

  private func write(_ bytes: [UInt8], to path: String, _ process: SimulatedProcess) throws {
    let descriptor = try process.open(path, O_RDWR | O_CREAT, mode: 0o640)
    var written = 0
    try process.writeAll(descriptor, bytes, written: &written)
    try process.fsync(descriptor)
    process.close(descriptor)
  }

  // MARK: A process that was stopped

  /// Somebody takes every lock that is free, and does nothing more.
  func holdLocks() {
    let process = disk.process("stopped")
    holder = process
    for path in ["lock", "quarantine/lock", "state/lock", "dead/a.lock", "dead/b.lock"] {
      if let descriptor = try? process.open("\(directory.path)/\(path)", O_RDWR, mode: 0) {
        _ = try? process.flock(descriptor)
      }
    }
  }

  func releaseLocks() {
    if let holder { disk.kill(holder) }
    holder = nil
  }

  // MARK: The sender

  /// What `notice-sender once` does, its lanes one after the other. Returns whether nothing is pending.
  @discardableResult
  func deliver(_ process: SimulatedProcess? = nil) throws -> Bool {
    let process = process ?? self.process("sender")
    defer { if !process.isDead { disk.kill(process) } }
    try directory.create(process)
    let lock = try SenderLock.acquire(directory, process)
    var chores = SpoolChores(directory, archive, process, Self.log)
    while chores.takeRescued() {}
    let damage = DamageLog(directory, process, Self.log)
    let lanes = try receivers.map { receiver in
      let stop = try Latch()
      let report = Monitor(LaneReport())
      var lane = try Lane(
        DestinationSettings(name: receiver.name, kind: .sqlite("")), mode: .once, in: directory,
        damage: damage, stop: stop, report: report, process, Self.log,
        to: SimulatedDestination(receiver, process, disk))
      return ({ lane.run() }, stop, report)
    }
    // A dead letter that cannot be written is tried again until the sender is stopped.
    var sleeps = 0
    process.sleeping = {
      sleeps += 1
      if process.isDead || sleeps > 100 { for (_, stop, _) in lanes { stop.open() } }
    }
    defer { process.sleeping = nil }
    let first = Int(disk.chance.next() % UInt64(lanes.count))
    for number in lanes.indices { lanes[(first + number) % lanes.count].0() }
    chores.run(lanes.map { $0.2.withLock(\.segmentNeeded) })
    lock.release()
    return !process.isDead && lanes.allSatisfy { $0.2.withLock(\.isDrained) }
  }

  // MARK: What a person does

  func requeue(_ destination: String, _ selection: DeadLetters.Selection = .all) throws {
    try command { process in
      _ = try DeadLetters(destination, directory, process).requeue(selection)
    }
  }

  func drop(_ destination: String, _ id: String) throws {
    try command { process in
      _ = try DeadLetters(destination, directory, process).drop(.ids([id]))
    }
  }

  func replay(_ chat: String, to destination: String) throws {
    replayedChats[destination, default: []].insert(chat)
    var selection = RecordSelection()
    try selection.pattern.require(.chat, oneOf: [chat])
    let replay = Replay(selection: selection)
    try command { process in
      _ = try replay.run(to: destination, in: directory, isDry: false, process)
    }
  }

  private func command(_ body: (SimulatedProcess) throws -> Void) throws {
    let process = process("command")
    defer { if !process.isDead { disk.kill(process) } }
    try body(process)
  }
}
