import TestSupport
import Testing

/// An oracle that finds nothing may be blind. So each of these faults is put in, and has to be found as what it is.
struct MutantTests {
  private static let schedulesMax: UInt64 = 1500

  @Test(arguments: Mutant.Kind.allCases)
  func `the oracle sees a loss`(_ kind: Mutant.Kind) throws {
    for seed in 1...Self.schedulesMax {
      let findings = try Schedule(seed: seed, mutant: kind).run()
      if findings.contains(where: { $0.hasSuffix("is lost") }) { return }
    }
    Issue.record("\(kind.rawValue): nothing was lost in \(Self.schedulesMax) schedules")
  }
}
