import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

/// What people do to a spool by hand while it is written.
struct ActiveSegmentTests {
  @Test(arguments: [true, false])
  func `a number is never used again when all segments were moved to the archive`(
    isRunning: Bool
  ) throws {
    let spool = try SpoolFixture()
    let running = spool.writer()
    try running.append(SpoolFixture.line(1))
    let name = spool.segmentNames[0]
    try FileManager.default.moveItem(
      atPath: "\(spool.directory.segments)/\(name)", toPath: "\(spool.directory.archive)/\(name)")
    try (isRunning ? running : spool.writer()).append(SpoolFixture.line(2))
    #expect(spool.segmentNames.map { $0.prefix(6) } == ["000002"])
    #expect(try spool.numbers() == [2])
    #expect(try spool.bytes("\(spool.directory.archive)/\(name)") == SpoolFixture.line(1))
  }

  @Test(arguments: ["segments", "segments/*", "lock", "current.ndjson", ""])
  func `a running writer goes on when something was removed`(what: String) throws {
    let spool = try SpoolFixture()
    let writer = spool.writer()
    try writer.append(SpoolFixture.line(1))
    let path =
      what == "segments/*"
      ? "\(spool.directory.segments)/\(spool.segmentNames[0])" : "\(spool.directory.path)/\(what)"
    try FileManager.default.removeItem(atPath: path)
    try writer.append(SpoolFixture.line(2))
    #expect(try spool.numbers().last == 2)
    try spool.writer().append(SpoolFixture.line(3))
    try writer.append(SpoolFixture.line(4))
    #expect(try spool.numbers().suffix(3) == [2, 3, 4])
  }

  @Test func `a running writer looks through the archive once, and again where all else is gone`()
    throws
  {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 100
    let system = FaultySystemCalls()
    let writer = spool.writer(system)
    for number in 1...4 { try writer.append(SpoolFixture.line(number)) }
    #expect(spool.segmentNames.count == 4)
    #expect(system.count("list", spool.directory.archive) == 1)
    try FileManager.default.removeItem(atPath: spool.directory.current)
    try FileManager.default.removeItem(atPath: spool.directory.segments)
    try writer.append(SpoolFixture.line(5))
    #expect(system.count("list", spool.directory.archive) == 2)
    #expect(spool.segmentNames.map { $0.prefix(6) } == ["000005"])
  }

  @Test(arguments: [0, 1])
  func `a link that is turned back under a running writer gives no number a second time`(
    left: Int
  ) throws {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 100
    let writer = spool.writer()
    for number in 1...3 { try writer.append(SpoolFixture.line(number)) }
    let names = spool.segmentNames
    for name in names.dropFirst(left) {
      try FileManager.default.moveItem(
        atPath: "\(spool.directory.segments)/\(name)",
        toPath: "\(spool.directory.archive)/\(name)")
    }
    try FileManager.default.removeItem(atPath: spool.directory.current)
    try FileManager.default.createSymbolicLink(
      atPath: spool.directory.current, withDestinationPath: "segments/\(names[0])")
    try writer.append(SpoolFixture.line(4))
    #expect(spool.segmentNames.last?.prefix(6) == "000004")
  }

  @Test func `where the segment was named but never made, the next is begun`() throws {
    let spool = try SpoolFixture()
    let system = FaultySystemCalls()
    system.fail("open", "segments/0", errno: EIO)
    let writer = spool.writer(system)
    #expect(throws: SpoolWriteError.self) { try writer.append(SpoolFixture.line(1)) }
    #expect(spool.segmentNames.isEmpty)
    try writer.append(SpoolFixture.line(2))
    #expect(spool.segmentNames.map { $0.prefix(6) } == ["000002"])
    var reader = SpoolReader(spool.directory, from: nil, LinuxSystemCalls())
    #expect(try reader.readAll().numbers == [2])
  }

  @Test func `a finished segment keeps no reserved space`() throws {
    var spool = try SpoolFixture()
    spool.settings.segmentBytesMax = 1000
    let writer = spool.writer()
    for number in 1...4 { try writer.append(SpoolFixture.line(number, padding: 300)) }
    let sizes = try spool.segmentNames.map { name in
      try LinuxSystemCalls().lstat("\(spool.directory.segments)/\(name)").allocated
    }
    #expect(sizes.last! >= spool.settings.reservationBytes)
    for size in sizes.dropLast() { #expect(size < spool.settings.reservationBytes) }
  }

  @Test(arguments: [EACCES, EIO, EPERM])
  func `one that cannot be opened is followed by a new one`(errno: Int32) throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    let system = FaultySystemCalls(syncing: .skipped)
    system.failAlways("open", "/000001", errno: errno)
    let writer = spool.writer(system)
    for number in 2...4 { try writer.append(SpoolFixture.line(number)) }
    #expect(spool.segmentNames.count == 2)
    #expect(try spool.numbers() == [1, 2, 3, 4])
  }

  /// A link planted under a name that the spool uses leads nowhere.
  @Test(arguments: ["lock", "segment", "quarantine"])
  func `a symbolic link is not followed`(what: String) throws {
    let spool = try SpoolFixture()
    let target = spool.home.path + "/elsewhere"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
    let writer = spool.writer()
    try writer.append(SpoolFixture.line(1))
    let path =
      switch what {
      case "lock": spool.directory.lock
      case "segment": "\(spool.directory.segments)/\(spool.segmentNames[0])"
      default: "\(spool.directory.quarantine)/damaged.ndjson"
      }
    if what != "quarantine" { try FileManager.default.removeItem(atPath: path) }
    try LinuxSystemCalls().symlink(target, at: path)
    if what == "segment" {
      // Intake goes on in the next.
      try spool.writer().append(SpoolFixture.line(2))
      #expect(try spool.segment(1) == SpoolFixture.line(2))
    } else if what == "quarantine" {
      // The torn line stays where it is, and intake goes on beside it.
      try spool.append([0x7B], to: spool.directory.current)
      try writer.append(SpoolFixture.line(2))
      #expect(try spool.segment(0) == SpoolFixture.line(1) + [0x7B])
      #expect(try spool.segment(1) == SpoolFixture.line(2))
    } else {
      let error = #expect(throws: SpoolWriteError.self) {
        try spool.writer().append(SpoolFixture.line(2))
      }
      #expect(error?.description.contains("symbolic links") == true)
    }
    #expect(try spool.bytes(target) == Array("precious".utf8))
  }
}
