import Glibc
import Notice
import Spool
import SystemCalls
import TestSupport

@testable import NoticeSender

/// What goes wrong at one system call of a piece of work.
enum FaultPoint: String, CaseIterable {
  case full, quota, error, interrupted, descriptors
  /// A read or write takes one byte only, or half of what it could.
  case oneByte, half
  /// A process that was stopped holds every lock that is free at that moment.
  case locked
  case killed, powerCut

  func action(_ call: SimulatedCall, _ machine: SimulatedMachine) -> SimulatedCall.Action {
    switch self {
    case .full: return .fail(errno: ENOSPC)
    case .quota: return .fail(errno: EDQUOT)
    case .error: return .fail(errno: EIO)
    case .interrupted: return .fail(errno: EINTR)
    case .descriptors: return .fail(errno: EMFILE)
    case .oneByte: return .limit(bytes: 1)
    case .half: return .limit(bytes: max(1, call.bytes / 2))
    case .killed: return .kill
    case .powerCut: return .cutPower
    case .locked:
      machine.holdLocks()
      return .proceed
    }
  }
}

/// A piece of work whose every system call is made to go wrong, one after the other, and what comes before it.
enum FaultyWork: String, CaseIterable {
  case firstAppend, appendAfterTornLine, appendToNextSegment
  case drain, drainOfRequeued
  case requeue, drop, replay, importFile

  func prepare(_ machine: SimulatedMachine) throws {
    if self == .firstAppend { return }
    machine.settings.segmentBytesMax = 600
    try append(3, machine)
    switch self {
    case .firstAppend, .importFile, .appendToNextSegment: break
    case .appendAfterTornLine:
      let process = machine.disk.process("test")
      let names = try machine.directory.segmentNames(process)
      let descriptor = try process.open(
        machine.directory.segment(names[names.count - 1]), O_RDWR | O_APPEND, mode: 0)
      _ = try process.write(descriptor, Array("torn".utf8).span)
      machine.disk.kill(process)
    case .drain, .drainOfRequeued, .requeue, .drop, .replay:
      // Two are refused, others get through: at the next attempt they die.
      for receiver in machine.receivers { receiver.refused = ["m1", "m2"] }
      try machine.deliver()
      try append(1, machine, chat: "c9")
      try machine.deliver()
      machine.disk.pass(nanoseconds: 10_000_000_000)
      if self == .drain {
        try machine.rescue(machine.ledger.send(chats: ["c0"], padding: [5])[0])
        return try append(2, machine)
      }
      try machine.deliver()
      if self == .drainOfRequeued { try machine.requeue("a") }
    }
  }

  func run(_ machine: SimulatedMachine) throws {
    switch self {
    case .firstAppend, .appendAfterTornLine, .appendToNextSegment: try append(2, machine)
    case .drain, .drainOfRequeued: try machine.deliver()
    case .requeue: try machine.requeue("a")
    case .drop: try machine.drop("a", deadID(machine))
    case .replay: try machine.replay("c1", to: "a")
    case .importFile:
      try machine.importFile(machine.ledger.send(chats: ["c0", "c1"], padding: [5, 5]))
    }
  }

  private func append(_ count: Int, _ machine: SimulatedMachine, chat: String? = nil) throws {
    let messages = machine.ledger.send(
      chats: (0..<count).map { chat ?? "c\($0 % 2)" }, padding: (0..<count).map { _ in 20 })
    machine.endWriter(1)
    for message in messages { try machine.receive([message], by: machine.writer(1)) }
  }

  struct NothingDead: Error {}

  private func deadID(_ machine: SimulatedMachine) throws -> String {
    var ids: [String] = []
    let process = machine.disk.process("test")
    defer { machine.disk.kill(process) }
    try DeadLetters("a", machine.directory, process).read { letter, _ in
      ids.append(letter.record.id)
    }
    guard let first = ids.first else { throw NothingDead() }
    return first
  }
}
