import Foundation
import SystemCalls
import TestSupport
import Testing

@testable import Spool

struct TornTailTests {
  @Test(arguments: [
    "{\"id\":", "\u{0}\u{0}\u{0}\u{0}", "é", String(repeating: "x", count: 3 << 20),
  ])
  func `a torn tail is cut and kept`(tail: String) throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    try spool.append(Array(tail.utf8), to: spool.directory.current)
    try spool.writer().append(SpoolFixture.line(2))
    #expect(try spool.segment(0) == SpoolFixture.line(1) + SpoolFixture.line(2))
    let kept = try spool.quarantine("damaged.ndjson")
    #expect(kept.count == 1)
    #expect(kept[0]["text"] == tail)
    #expect(kept[0]["offset"] == String(SpoolFixture.line(1).count))
    #expect(kept[0]["segment"] == spool.segmentNames[0])
    #expect(kept[0]["reason"] == "a writer ended before it finished this line")
  }

  @Test func `a segment that is one torn line is cut to nothing`() throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    try Data([0xFF, 0x00]).write(
      to: URL(fileURLWithPath: "\(spool.directory.segments)/\(spool.segmentNames[0])"))
    try spool.writer().append(SpoolFixture.line(2))
    #expect(try spool.numbers() == [2])
    #expect(try spool.quarantine("damaged.ndjson")[0]["base64"] == "/wA=")
  }

  @Test func `a running writer repairs what another left torn`() throws {
    let spool = try SpoolFixture()
    let writer = spool.writer()
    try writer.append(SpoolFixture.line(1))
    try spool.append([0x7B], to: spool.directory.current)
    try writer.append(SpoolFixture.line(2))
    #expect(try spool.numbers() == [1, 2])
  }

  @Test func `a full disk does not keep the torn tail from being cut`() throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    try spool.append([0x7B], to: spool.directory.current)
    let system = FaultySystemCalls()
    system.failAlways("write", "quarantine", errno: ENOSPC)
    try spool.writer(system).append(SpoolFixture.line(2))
    #expect(try spool.numbers() == [1, 2])
  }

  @Test func `a read that gives less than asked for cuts no whole line off`() throws {
    let spool = try SpoolFixture()
    for number in 1...20 { try spool.writer().append(SpoolFixture.line(number)) }
    try spool.append([UInt8](repeating: 0x78, count: 100), to: spool.directory.current)
    for call in 1...4 {
      let system = FaultySystemCalls()
      system.cut("pread", call: call, to: 30)
      let descriptor = try system.open(spool.directory.current, O_RDONLY, mode: 0)
      defer { system.close(descriptor) }
      let size = try spool.segment(0).count
      #expect(try system.lineEnd(of: descriptor, size: size) == size - 100)
    }
    let system = FaultySystemCalls()
    system.cut("pread", "segments/", call: 3, to: 30)
    try spool.writer(system).append(SpoolFixture.line(21))
    #expect(try spool.numbers() == Array(1...21))
  }
}
