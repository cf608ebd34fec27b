import Glibc
import Notice
import Spool
import SystemCalls
import TestSupport

@testable import NoticeSender

/// One run of a ``SimulatedMachine``, given by a number: writers, a sender and a person at work, one step after the other and some in
/// the middle of another's step; processes killed, the power cut, calls that fail, a full disk. Then the oracle.
final class Schedule {
  let seed: UInt64
  let machine: SimulatedMachine
  private var chance: SeededGenerator
  private let mutant: Mutant?
  /// What happened, a line each, for one who looks for the reason of a finding.
  private(set) var story: [String] = []
  private var depth = 0
  /// Bytes that somebody else has put on the disk.
  private var filler = 0

  private static let writersMax = 3
  private static let depthMax = 2

  /// `mutant`: a lie of the file system that the oracle has to find out.
  init(seed: UInt64, mutant: Mutant.Kind? = nil) throws {
    self.seed = seed
    let machine = try SimulatedMachine(seed: seed ^ 0x5DEE_CE66)
    self.machine = machine
    self.mutant = mutant.map { Mutant($0, machine.disk) }
    chance = SeededGenerator(seed: seed)
    machine.settings.segmentBytesMax = [500, 1500, 5000][pick(3)]
    machine.settings.reservationBytes = [4096, 65536][pick(2)]
    machine.archive.form = [.plain, .plain, .delete, .gzip][pick(4)]
    machine.preparing = { [unowned self] process in arm(process) }
  }

  /// Everything that the oracle finds.
  func run() throws -> [String] {
    for _ in 0..<4 + pick(14) { step() }
    if pick(2) == 0 { cutPower() }
    machine.disk.bytesFree += filler
    filler = 0
    machine.preparing = { process in
      process.before = nil
      process.forging = nil
    }
    return try Oracle(machine).findings
  }

  private func pick(_ count: Int) -> Int { Int(chance.next() % UInt64(count)) }

  // MARK: Steps

  private func step() {
    depth += 1
    defer { depth -= 1 }
    switch pick(26) {
    case 0..<9: tell("append") { try append() }
    case 9..<14: tell("deliver") { try machine.deliver() }
    case 14..<16: pass()
    case 16..<18: changeMood()
    case 18: tell("requeue") { try machine.requeue(receiver().name) }
    case 19: tell("drop") { try drop() }
    case 20: tell("replay") { try machine.replay("c\(pick(3))", to: receiver().name) }
    case 21: tell("import") { try machine.importFile(messages()) }
    case 22: tell("rescue") { try machine.rescue(messages(max: 1)[0]) }
    case 23: if depth == 1 { fill() }
    case 24: machine.endWriter(pick(Self.writersMax))
    default: if depth == 1 { cutPower() }
    }
  }

  private func append() throws {
    let number = pick(Self.writersMax)
    // One that is stopped in the middle of its work does nothing else.
    guard !working.contains(number) else { return }
    working.insert(number)
    defer { working.remove(number) }
    let messages = messages()
    let keys = try machine.receive(messages, by: machine.writer(number))
    story.append("  \(messages.map(\.key)) by \(number): \(keys.count) acknowledged")
    // A CGI process lives for one request.
    if pick(3) == 0 { machine.endWriter(number) }
  }

  private var working: Set<Int> = []

  private func messages(max: Int = 3) -> [Ledger.Message] {
    let count = 1 + pick(max)
    let padding = [0, 40, 300, 700]
    let sent = machine.ledger.send(
      chats: (0..<count).map { _ in "c\(pick(3))" },
      padding: (0..<count).map { _ in padding[pick(padding.count)] })
    for message in sent where pick(8) == 0 {
      for receiver in machine.receivers where pick(2) == 0 { receiver.refused.insert(message.key) }
    }
    return sent
  }

  private func receiver() -> SimulatedReceiver {
    machine.receivers[pick(machine.receivers.count)]
  }

  private func drop() throws {
    let receiver = receiver()
    var ids: [String] = []
    let reader = machine.disk.process("test")
    defer { machine.disk.kill(reader) }
    try DeadLetters(receiver.name, machine.directory, reader).read { letter, _ in
      ids.append(letter.record.id)
    }
    guard !ids.isEmpty else { return }
    try machine.drop(receiver.name, ids[pick(ids.count)])
  }

  private func pass() {
    let seconds: [Int64] = [1, 6, 40, 400, 1000, 4000]
    machine.disk.pass(nanoseconds: seconds[pick(seconds.count)] * 1_000_000_000)
  }

  private func changeMood() {
    let receiver = receiver()
    let moods = SimulatedReceiver.Mood.allCases + [.well, .well, .moody]
    receiver.mood = moods[pick(moods.count)]
    story.append("\(receiver.name) is \(receiver.mood)")
  }

  private func fill() {
    machine.disk.bytesFree += filler
    filler = filler > 0 ? 0 : max(0, machine.disk.bytesFree - pick(24 << 10))
    machine.disk.bytesFree -= filler
    story.append(filler > 0 ? "the disk is full" : "the disk has room")
  }

  private func cutPower() {
    story.append("the power fails")
    machine.disk.cutPower()
  }

  private func tell(_ name: String, _ body: () throws -> Void) {
    let level = String(repeating: "  ", count: depth - 1)
    story.append("\(level)\(name)")
    do {
      try body()
    } catch {
      story.append("\(level)\(name) ends: \(error)")
    }
  }

  // MARK: In the middle of a step

  /// Chooses what happens at which of a process's next calls, if anything does.
  private func arm(_ process: SimulatedProcess) {
    if let mutant { process.forging = mutant.forged }
    let number = process.calls + 1 + pick([12, 40, 160][pick(3)])
    let event = pick(100) < 65 ? SimulatedEvent.all[pick(SimulatedEvent.all.count)] : .none
    process.before = { [unowned self, unowned process] call in
      let action = mutant?.action(call, of: process) ?? .proceed
      guard case .proceed = action, process.calls == number else { return action }
      if event != .none { story.append("    \(event) at call \(number), \(call)") }
      switch event {
      case .none: return .proceed
      case .others:
        if depth <= Self.depthMax { step() }
        return .proceed
      case .kill: return .kill
      case .cutPower: return .cutPower
      case .fail(let errno): return .fail(errno: errno)
      case .short: return .limit(bytes: 1 + pick(300))
      }
    }
  }
}

/// What may happen at a system call.
enum SimulatedEvent: Equatable {
  case none
  /// Others are at work, up to a moment: the process is not run meanwhile, as if stopped.
  case others
  case kill
  case cutPower
  case fail(errno: Int32)
  case short

  static let all: [SimulatedEvent] = [
    .others, .others, .others, .others, .others, .kill, .kill, .kill, .cutPower, .cutPower,
    .cutPower, .cutPower, .short, .short, .fail(errno: ENOSPC), .fail(errno: EIO),
    .fail(errno: EDQUOT), .fail(errno: EMFILE),
  ]
}
