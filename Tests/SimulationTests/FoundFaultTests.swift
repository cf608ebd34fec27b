import Glibc
import Spool
import TestSupport
import Testing

/// What the schedules found, each made as small as it gets. A power cut leaves one thing or another: so each with many seeds.
struct FoundFaultTests {
  private static let seeds: Range<UInt64> = 0..<40

  /// A message was given up at `a`, and another one pends there.
  private func machine(_ seed: UInt64, dead: Bool = true) throws -> SimulatedMachine {
    let machine = try SimulatedMachine(seed: seed, receivers: ["a"])
    try send(["c0", "c1"], machine)
    machine.receivers[0].refused = ["m0"]
    try machine.deliver()
    try send(["c2"], machine)
    try machine.deliver()
    machine.disk.pass(nanoseconds: 10_000_000_000)
    if dead { try machine.deliver() }
    return machine
  }

  private func send(_ chats: [String], _ machine: SimulatedMachine) throws {
    let messages = machine.ledger.send(chats: chats, padding: chats.map { _ in 600 })
    try machine.receive(messages, by: machine.writer(0))
  }

  /// What becomes of the call of that name and path, counted from 1, of the next processes.
  private func at(
    _ name: SimulatedCall.Name, _ path: String, call number: Int = 1, _ machine: SimulatedMachine,
    _ action: @escaping () -> SimulatedCall.Action
  ) {
    var seen = 0
    machine.preparing = { process in
      process.before = { call in
        guard call.name == name, call.path.hasSuffix(path) else { return .proceed }
        seen += 1
        return seen == number ? action() : .proceed
      }
    }
  }

  private func expectNothingLost(_ machine: SimulatedMachine) throws {
    machine.preparing = { $0.before = nil }
    let findings = try Oracle(machine).findings
    #expect(findings.isEmpty)
  }

  @Test func `a letter that was seen and not synced is made durable before it counts`() throws {
    for seed in Self.seeds {
      let machine = try machine(seed, dead: false)
      at(.fdatasync, "/dead/a.ndjson", machine) { .kill }
      _ = try? machine.deliver()
      machine.preparing = { $0.before = nil }
      try machine.deliver()
      machine.disk.cutPower()
      try expectNothingLost(machine)
    }
  }

  @Test func `the name of a file is made durable by whoever appends next`() throws {
    for seed in Self.seeds {
      let machine = try machine(seed, dead: false)
      machine.receivers[0].refused.insert("m3")
      at(.fsync, "/dead", machine) { .kill }
      _ = try? machine.deliver()
      machine.preparing = { $0.before = nil }
      try send(["c3", "c4"], machine)
      try machine.deliver()
      machine.disk.pass(nanoseconds: 10_000_000_000)
      try machine.deliver()
      machine.disk.cutPower()
      try expectNothingLost(machine)
    }
  }

  @Test func `what was requeued and not synced is made durable before it leaves the dead`() throws {
    for seed in Self.seeds {
      let machine = try machine(seed)
      at(.fdatasync, "/state/a.requeue.ndjson", machine) { .kill }
      _ = try? machine.requeue("a")
      machine.receivers[0].mood = .away
      machine.preparing = { $0.before = nil }
      if seed % 2 == 0 { try machine.requeue("a") }
      try machine.deliver()
      machine.disk.cutPower()
      try expectNothingLost(machine)
    }
  }

  @Test func `what was requeued is delivered though it could not be taken at once`() throws {
    let machine = try machine(1)
    try machine.requeue("a")
    machine.receivers[0].refused = []
    try send(["c4"], machine)
    // Its file is renamed, which cannot be made durable at once; the lane looks again while others are under way.
    var isRenamed = false
    machine.preparing = { [unowned machine] process in
      process.before = { [unowned machine] call in
        if call.name == .rename, call.path.hasSuffix("/a.requeue.1.ndjson") { isRenamed = true }
        guard isRenamed, call.name == .fsync, call.path.hasSuffix("/state") else { return .proceed }
        isRenamed = false
        machine.disk.pass(nanoseconds: 2_000_000_000)
        return .fail(errno: EIO)
      }
    }
    try machine.deliver()
    try expectNothingLost(machine)
    #expect(machine.receivers[0].firstDeliveries["m0"] != nil)
  }

  @Test(arguments: [EIO, EMFILE])
  func `a pending record that cannot be read for a moment stays pending`(_ errno: Int32) throws {
    let machine = try machine(1, dead: false)
    machine.receivers[0].refused = []
    at(errno == EIO ? .pread : .open, "/segments/000001-20261122T064832Z.ndjson", machine) {
      .fail(errno: errno)
    }
    try machine.deliver()
    #expect(machine.receivers[0].firstDeliveries["m0"] != nil)
    try expectNothingLost(machine)
  }

  @Test func `a letter whose sync failed is written once`() throws {
    for path in ["/dead/a.ndjson", "/dead"] {
      let machine = try machine(1, dead: false)
      at(path == "/dead" ? .fsync : .fdatasync, path, machine) { .fail(errno: EIO) }
      try machine.deliver()
      try expectNothingLost(machine)
    }
  }

  @Test func `two stopped processes, one of them about to take the lock, do not stop intake`()
    throws
  {
    let machine = try machine(1)
    let stopped = machine.disk.process("stopped")
    for path in ["/lock", "/lock.next"] {
      let descriptor = try stopped.open(
        machine.directory.path + path, O_RDWR | O_CREAT, mode: 0o640)
      #expect(try stopped.flock(descriptor))
    }
    let messages = machine.ledger.send(chats: ["c0"], padding: [10])
    #expect(try machine.receive(messages, by: machine.writer(1)).count == 1)
    try expectNothingLost(machine)
  }

  /// A writer is stopped before its call number `number` and loses its lock; the batch that it brings into the spool then is
  /// there twice.
  @Test(arguments: 1..<40)
  func `a batch that is in the spool twice is in order, and counted`(_ number: Int) throws {
    for seed in 0..<8 as Range<UInt64> {
      let machine = try machine(seed, dead: false)
      machine.receivers[0].refused = ["m3", "m4"]
      var calls = 0
      machine.preparing = { [unowned machine] process in
        process.before = { [unowned machine] _ in
          calls += 1
          guard calls == number else { return .proceed }
          machine.preparing = { $0.before = nil }
          let other = machine.ledger.send(chats: ["c9"], padding: [10])
          _ = try? machine.receive(other, by: machine.writer(2))
          _ = try? machine.deliver()
          return .proceed
        }
      }
      let messages = machine.ledger.send(chats: ["c3", "c4", "c4"], padding: [600, 600, 600])
      try machine.receive(messages, by: machine.writer(1))
      if seed % 2 == 0 { machine.disk.cutPower() }
      try expectNothingLost(machine)
    }
  }
}
