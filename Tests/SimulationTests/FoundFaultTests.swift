import Glibc
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
}
