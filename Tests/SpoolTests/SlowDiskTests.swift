import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import Spool

/// A disk on which a sync takes longer than anybody waits for the lock.
struct SlowDiskTests {
  @Test(arguments: [600, 1500, 4000] as [Int64])
  func `writers that begin a segment slowly finish it all the same`(milliseconds: Int64) throws {
    let spool = try SpoolFixture()
    var settings = spool.settings
    // A segment is begun by three syncs of directories under the lock.
    settings.lockWaitSecondsMax = 1
    let directory = spool.directory
    let failures = Monitor<[String]>([])
    // As many processes, each with its own lock and its own view of the segment.
    try SharedTime.pass(for: 4) { [settings] process, time in
      let system = FaultySystemCalls(waiting: .shared(time), syncing: .skipped)
      system.beforeEvery("fsync") { time.sleep(nanoseconds: milliseconds * 1_000_000) }
      let writer = SpoolWriter(directory, settings, system)
      for number in 0..<3 {
        do {
          try writer.append(SpoolFixture.line(process * 10 + number))
        } catch {
          failures.withLock { $0.append("\(process): \(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let written = Set(try spool.numbers())
    #expect(written == Set((0..<4).flatMap { process in (0..<3).map { process * 10 + $0 } }))
    print("\(spool.segmentNames.count) segments were begun")
    #expect(spool.segmentNames.count <= 5)
    #expect(try LinuxSystemCalls().lstat(directory.lock).size == 0, "it is as before")
  }
}
