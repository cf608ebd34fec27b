import Foundation
import Spool
import SystemCalls
import TestSupport
import Testing

struct AtomicFileTests {
  private let home: TemporaryDirectory
  private let old = Array("old".utf8)
  private let new = Array("new".utf8)

  init() throws {
    home = try TemporaryDirectory()
  }

  private func file(_ system: any SystemCalls = LinuxSystemCalls()) -> AtomicFile {
    AtomicFile("state.json", in: home.path, system)
  }

  @Test func `the last content is read, and the one before it`() throws {
    let file = self.file()
    #expect(try file.read(file.path) == nil)
    try file.replace(old)
    #expect(try file.read(file.path) == old)
    #expect(try file.read(file.previousPath) == nil)
    try file.replace(new)
    #expect(try file.read(file.path) == new)
    #expect(try file.read(file.previousPath) == old)
    let long = [UInt8](repeating: 0x61, count: 200_000)
    try file.replace(long)
    #expect(try file.read(file.path) == long)
  }

  @Test func `bytes are durable before the name, and the name before it returns`() throws {
    let system = FaultySystemCalls()
    try self.file().replace(old)
    try self.file(system).replace(new)
    #expect(
      system.log.map(\.name) == [
        "open", "write", "fdatasync", "close", "rename", "rename", "open", "fsync", "close",
      ])
  }

  /// As a crash at that call would leave it.
  @Test(arguments: 1...7)
  func `whichever call fails, one of the last two contents is there`(number: Int) throws {
    try self.file().replace(old)
    let system = FaultySystemCalls()
    system.failAlways(from: number, errno: EIO)
    #expect(throws: SystemCallError.self) { try self.file(system).replace(new) }
    #expect(system.descriptorsOpen == 0)
    let file = self.file()
    let content = try file.read(file.path) ?? file.read(file.previousPath)
    #expect(content == old || content == new)
    try file.replace(new)
    #expect(try file.read(file.path) == new)
  }

  @Test func `a damaged content is set aside, and kept`() throws {
    let file = self.file()
    try file.replace(old)
    try file.replace(new)
    try file.setAside(file.path)
    #expect(try file.read(file.path) == nil)
    #expect(try file.read(file.path + ".damaged") == new)
    #expect(try file.read(file.previousPath) == old)
  }

  @Test(arguments: ["state.json", "state.json.next"])
  func `a symbolic link is not followed`(name: String) throws {
    let target = home.path + "/elsewhere"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
    try LinuxSystemCalls().symlink(target, at: "\(home.path)/\(name)")
    let file = self.file()
    if name == "state.json" {
      #expect(throws: SystemCallError.self) { try file.read(file.path) }
      try file.replace(new)
      #expect(try file.read(file.path) == new)
    } else {
      #expect(throws: SystemCallError.self) { try file.replace(new) }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("precious".utf8))
  }
}
