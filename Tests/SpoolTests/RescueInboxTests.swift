import Foundation
import SystemCalls
import TestSupport
import Testing

@testable import Spool

struct RescueInboxTests {
  @Test func `bodies that cannot be read hold up none of those behind them`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls(syncing: .skipped)
    try spool.directory.create(system)
    for number in 0..<1100 {
      let name = "\(number < 1050 ? "a-unreadable" : "b-good")-\(number).json"
      try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(spool.directory.rescue)/\(name)"))
    }
    system.failAlways("open", "a-unreadable", errno: EACCES)
    let outcome = RescueInbox(spool.directory, spool.settings, system).take()
    #expect(outcome.taken == 50)
    #expect((1...10).contains(outcome.failures.count), "the first few are told")
    #expect(try system.list(spool.directory.rescue).count == 1050)
  }
}
