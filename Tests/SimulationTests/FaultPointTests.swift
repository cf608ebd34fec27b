import TestSupport
import Testing

/// For N = 1, 2, 3, …: the Nth system call goes wrong, until there is no Nth call. Then the oracle.
struct FaultPointTests {
  @Test(arguments: FaultyWork.allCases, FaultPoint.allCases)
  func `nothing is lost`(_ work: FaultyWork, _ fault: FaultPoint) throws {
    let prepared = try SimulatedMachine(seed: 1)
    try work.prepare(prepared)
    var number = 1
    while try run(work, fault, number, SimulatedMachine(copyOf: prepared)) {
      number += Effort.callStride
    }
    // Of the shortest work.
    #expect(number > 20)
  }

  /// Returns whether there was a call of that number.
  private func run(
    _ work: FaultyWork, _ fault: FaultPoint, _ number: Int, _ machine: SimulatedMachine
  ) throws -> Bool {
    machine.disk.chance = SeededGenerator(seed: UInt64(number))
    var calls = 0
    var place = ""
    machine.preparing = { [unowned machine] process in
      process.before = { call in
        calls += 1
        guard calls == number else { return .proceed }
        place = call.description
        return fault.action(call, machine)
      }
    }
    do { try work.run(machine) } catch {}
    machine.preparing = { $0.before = nil }
    machine.releaseLocks()
    let findings = try Oracle(machine).findings
    if !findings.isEmpty {
      Issue.record("call \(number), \(place): \(findings.joined(separator: "; "))")
    }
    return calls >= number
  }
}
