import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

struct QuarantineTests {
  private func entry(_ number: Int, count: Int = 100) -> QuarantineEntry {
    QuarantineEntry(
      reason: "\(number)", bytes: [UInt8](repeating: 0x61, count: count), origin: .file("f"))
  }

  @Test func `the older entries make room for the newer ones`() throws {
    var spool = try SpoolFixture()
    spool.settings.quarantineBytesMax = 4000
    let quarantine = Quarantine(.refused, spool.directory, spool.settings, LinuxSystemCalls())
    for number in 1...100 {
      try quarantine.keep(entry(number), syncing: false)
      let files = ["refused.ndjson", "refused.1.ndjson"].compactMap {
        try? spool.bytes("\(spool.directory.quarantine)/\($0)").count
      }
      #expect(files.allSatisfy { $0 <= 2000 })
    }
    let kept = try spool.quarantine("refused.1.ndjson") + spool.quarantine("refused.ndjson")
    let reasons = kept.compactMap { $0["reason"] }
    #expect(reasons == Array(1...100).suffix(reasons.count).map(String.init))
    #expect(reasons.count > 10)
  }

  @Test(arguments: [0x61, 0x00, 0xFF] as [UInt8])
  func `one entry alone does not pass the bound either`(byte: UInt8) throws {
    var spool = try SpoolFixture()
    spool.settings.quarantineBytesMax = 12_000
    let quarantine = Quarantine(.damaged, spool.directory, spool.settings, LinuxSystemCalls())
    let bytes = [UInt8](repeating: byte, count: 1 << 20)
    for _ in 1...3 {
      try quarantine.keep(
        QuarantineEntry(reason: "", bytes: bytes, origin: .file("f")), syncing: false)
    }
    let sizes = ["damaged.ndjson", "damaged.1.ndjson"].compactMap {
      try? spool.bytes("\(spool.directory.quarantine)/\($0)").count
    }
    #expect(sizes.reduce(0, +) <= 12_500)
    #expect(try spool.quarantine("damaged.ndjson")[0]["bytes"] == "1048576")
  }

  @Test func `an entry is there whole or not at all`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    let quarantine = Quarantine(.refused, spool.directory, spool.settings, system)
    try quarantine.keep(entry(1), syncing: true)
    system.cut("write", to: 10)
    system.fail("write", call: 2, errno: ENOSPC)
    #expect(throws: SystemCallError.self) { try quarantine.keep(entry(2), syncing: true) }
    try quarantine.keep(entry(3), syncing: true)
    try spool.append(Array("{torn".utf8), to: "\(spool.directory.quarantine)/refused.ndjson")
    try quarantine.keep(entry(4), syncing: true)
    #expect(try spool.quarantine("refused.ndjson").map { $0["reason"] } == ["1", "3", "4"])
    #expect(system.descriptorsOpen == 0)
  }

  @Test func `no descriptor stays open whichever call fails`() throws {
    var spool = try SpoolFixture()
    spool.settings.quarantineBytesMax = 500
    var number = 0
    var isThere = true
    while isThere {
      number += 1
      let system = FaultySystemCalls(syncing: .skipped)
      system.fail(call: number, errno: EIO)
      let quarantine = Quarantine(.damaged, spool.directory, spool.settings, system)
      for index in 1...3 { try? quarantine.keep(entry(index), syncing: true) }
      #expect(system.descriptorsOpen == 0, "call \(number)")
      isThere = system.log.count >= number
      system.heal()
      try quarantine.keep(entry(9), syncing: true)
    }
    #expect(number > 20)
  }

  @Test func `many keep at once and every entry is whole`() throws {
    let spool = try SpoolFixture()
    let threads = try (0..<8).map { thread in
      try WorkerThread(name: "keeper \(thread)") {
        let quarantine = Quarantine(
          .refused, spool.directory, spool.settings, FaultySystemCalls(syncing: .skipped))
        for index in 0..<20 { try? quarantine.keep(entry(thread * 20 + index), syncing: true) }
      }
    }
    for thread in threads { thread.join() }
    let reasons = try spool.quarantine("refused.ndjson").compactMap {
      $0["reason"].flatMap { Int($0) }
    }
    #expect(reasons.sorted() == Array(0..<160))
  }
}
