import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

struct SpoolDirectoryTests {
  @Test(arguments: [("/a/b", "/a/b"), ("/a/b///", "/a/b"), ("b", "b"), ("/", "/")])
  func `a path loses its trailing slashes`(given: String, path: String) {
    #expect(SpoolDirectory(given).path == path)
  }

  @Test func `what is there already is left alone`() throws {
    let spool = try SpoolFixture()
    try spool.directory.create(LinuxSystemCalls())
    try Data("x".utf8).write(to: URL(fileURLWithPath: spool.directory.state + "/a"))
    let system = FaultySystemCalls()
    try spool.directory.create(system)
    #expect(system.count("fsync") == 0)
    #expect(try spool.bytes(spool.directory.state + "/a") == [0x78])
  }

  @Test func `names that are no segment's are passed over`() throws {
    let spool = try SpoolFixture()
    try spool.directory.create(LinuxSystemCalls())
    let names = [
      "000010-20261122T064832Z.ndjson", "000002-20261122T064832Z.ndjson", "notes.txt", ".hidden",
      "000011-20261122T064832Z.ndjson.gz", "000012-20261122T064832Z.ndjson.swp",
    ]
    for name in names {
      try Data().write(to: URL(fileURLWithPath: "\(spool.directory.segments)/\(name)"))
    }
    #expect(try spool.directory.segmentNames(LinuxSystemCalls()).map(\.number) == [2, 10])
    #expect(try spool.directory.currentSegment(LinuxSystemCalls())?.number == 10)
  }

  @Test(arguments: ["", "/etc/passwd", "segments/../lock", "segments/x.ndjson"])
  func `where current.ndjson names no segment, the highest is the one`(target: String) throws {
    let spool = try SpoolFixture()
    try spool.writer().append(SpoolFixture.line(1))
    try FileManager.default.removeItem(atPath: spool.directory.current)
    if target.isEmpty {
      try Data("text".utf8).write(to: URL(fileURLWithPath: spool.directory.current))
    } else {
      try LinuxSystemCalls().symlink(target, at: spool.directory.current)
    }
    #expect(try spool.directory.currentSegment(LinuxSystemCalls())?.number == 1)
    try spool.writer().append(SpoolFixture.line(2))
    #expect(try spool.numbers() == [1, 2])
  }
}
