import Glibc
import SystemCalls
import TestSupport
import Testing

/// That the disk keeps what it must, and forgets what it may: one that kept everything would let every test pass.
struct SimulatedDiskTests {
  private static let seeds: Range<UInt64> = 0..<200

  private func write(
    _ text: String, to path: String, _ process: SimulatedProcess, syncing: Bool
  ) throws {
    let descriptor = try process.open(path, O_RDWR | O_APPEND | O_CREAT, mode: 0o640)
    var written = 0
    try process.writeAll(descriptor, Array(text.utf8), written: &written)
    if syncing { try process.fdatasync(descriptor) }
    process.close(descriptor)
  }

  /// What is left of a file after `body` and a power cut, with every seed; nil: no such file.
  private func remains(
    of path: String, _ body: (SimulatedProcess) throws -> Void
  ) throws -> [String?] {
    try Self.seeds.map { seed in
      let disk = SimulatedDisk(seed: seed)
      try body(disk.process("test"))
      disk.cutPower()
      return disk.bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func `what was synced with its name is there`() throws {
    let remains = try remains(of: "/f") { process in
      try write("text", to: "/f", process, syncing: true)
      try process.syncDirectory("/")
    }
    #expect(remains.allSatisfy { $0 == "text" })
  }

  @Test func `a name that was not synced is there or not`() throws {
    let remains = try remains(of: "/f") { process in
      try write("text", to: "/f", process, syncing: true)
    }
    #expect(Set(remains) == ["text", nil])
  }

  @Test func `bytes that were not synced are there, torn at sectors, reordered, zero or not there`()
    throws
  {
    let sector = String(repeating: "s", count: 512)
    let zeros = String(repeating: "\0", count: 512)
    let remains = try Set(
      remains(of: "/f") { process in
        try write("", to: "/f", process, syncing: true)
        try process.syncDirectory("/")
        try write(sector, to: "/f", process, syncing: false)
        try write(sector, to: "/f", process, syncing: false)
      })
    #expect(
      remains == [
        "", sector, zeros, sector + sector, sector + zeros, zeros + sector, zeros + zeros,
      ])
  }

  @Test func `a rename is there whole or not at all, also between two directories`() throws {
    for seed in Self.seeds {
      let disk = SimulatedDisk(seed: seed)
      let process = disk.process("test")
      try process.mkdir("/a", mode: 0o750)
      try process.mkdir("/b", mode: 0o750)
      try process.syncDirectory("/")
      try write("text", to: "/a/f", process, syncing: true)
      try process.syncDirectory("/a")
      try process.rename("/a/f", to: "/b/f")
      if seed % 2 == 0 { try process.syncDirectory("/b") }
      disk.cutPower()
      #expect((disk.bytes("/a/f") == nil) != (disk.bytes("/b/f") == nil))
      if seed % 2 == 0 { #expect(disk.bytes("/b/f") != nil) }
    }
  }

  @Test func `a later change of names may be there without an earlier one`() throws {
    let remains = try Self.seeds.map { seed in
      let disk = SimulatedDisk(seed: seed)
      let process = disk.process("test")
      try write("", to: "/first", process, syncing: true)
      try write("", to: "/second", process, syncing: true)
      disk.cutPower()
      return [disk.bytes("/first") != nil, disk.bytes("/second") != nil]
    }
    #expect(Set(remains) == [[true, true], [true, false], [false, true], [false, false]])
  }

  @Test func `after a sync that failed the next one succeeds and what was lost stays lost`() throws
  {
    let remains = try remains(of: "/f") { process in
      try write("", to: "/f", process, syncing: true)
      try process.syncDirectory("/")
      process.before = { $0.name == .fdatasync ? .fail(errno: EIO) : .proceed }
      try? write("text", to: "/f", process, syncing: true)
      process.before = nil
      try write("", to: "/f", process, syncing: true)
    }
    #expect(Set(remains) == ["text", "\0\0\0\0"])
  }

  @Test func `a process that ends gives its locks back`() throws {
    let disk = SimulatedDisk(seed: 1)
    let first = disk.process("first")
    let second = disk.process("second")
    let held = try first.open("/lock", O_RDWR | O_CREAT, mode: 0o640)
    #expect(try first.flock(held))
    #expect(try first.flock(held))
    let wanted = try second.open("/lock", O_RDWR, mode: 0)
    #expect(try !second.flock(wanted))
    disk.kill(first)
    #expect(try second.flock(wanted))
    #expect(throws: SystemCallError.self) { try first.fstat(held) }
  }

  @Test func `a full disk takes a part of a write, and all that was reserved`() throws {
    let disk = SimulatedDisk(seed: 1)
    let process = disk.process("test")
    disk.bytesFree = 8192
    let descriptor = try process.open("/f", O_RDWR | O_APPEND | O_CREAT, mode: 0o640)
    #expect(try process.write(descriptor, [UInt8](repeating: 1, count: 10_000).span) == 8192)
    #expect(throws: SystemCallError.self) {
      try process.write(descriptor, [UInt8](repeating: 1, count: 1).span)
    }
    try process.ftruncate(descriptor, to: 0)
    try process.fallocate(descriptor, at: 0, count: 8192)
    let other = try process.open("/g", O_RDWR | O_CREAT, mode: 0o640)
    #expect(throws: SystemCallError.self) {
      try process.write(other, [UInt8](repeating: 1, count: 1).span)
    }
    #expect(try process.write(descriptor, [UInt8](repeating: 1, count: 8000).span) == 8000)
    #expect(try process.fstat(descriptor).size == 8000)
    process.close(descriptor)
    try process.unlink("/f")
    #expect(disk.bytesFree == 8192)
  }
}
