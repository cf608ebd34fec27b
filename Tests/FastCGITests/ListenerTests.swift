import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import FastCGI

struct ListenerTests {
  private let directory: TemporaryDirectory
  private let system = LinuxSystemCalls()
  private var path: String { "\(directory.path)/s" }

  init() throws { directory = try TemporaryDirectory() }

  private func listen() throws -> Listener {
    try Listener(ListenAddress("unix:\(path)"), mode: 0o620, system: system)
  }

  @Test func `a socket has its mode, and is gone with its listener`() throws {
    var listener: Listener? = try listen()
    #expect(try system.lstat(path).mode & 0o777 == 0o620)
    #expect(Listener.isListening(listener!.descriptor))
    listener = nil
    #expect(try system.list(directory.path) == [])
  }

  @Test func `a socket that another process serves is left alone`() throws {
    let first = try listen()
    let error = #expect(throws: ListenError.self) { try listen() }
    #expect(
      error?.description
        == "unix:\(path): already served by another process: stop that, or listen elsewhere")
    #expect(first.accept().isConnection)  // The one that asked whether anybody is there.
    #expect(try system.list(directory.path) == ["s"])
  }

  @Test func `a socket that a killed process left is replaced`() throws {
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    _ = try unsafe ListenAddress("unix:\(path)").withSocketAddress { unsafe bind(left, $0, $1) }
    close(left)
    let inode = try system.lstat(path).inode
    let listener = try listen()
    let status = try system.lstat(path)
    #expect(status.mode & 0o777 == 0o620 && (status.inode != inode || status.links == 1))
    _ = try FastCGIClient(ListenAddress("unix:\(path)"))
    #expect(listener.accept().isConnection)
  }

  @Test func `a file that is no socket is not removed`() throws {
    system.close(try system.open(path, O_CREAT | O_WRONLY, mode: 0o600))
    let error = #expect(throws: ListenError.self) { try listen() }
    #expect(
      error?.description == "\(path): exists and is not a socket: move it away, or listen elsewhere"
    )
    #expect(try system.lstat(path).isRegularFile)
  }

  @Test func `a socket of somebody else is not removed at the end`() throws {
    var listener: Listener? = try listen()
    try system.unlink(path)
    system.close(try system.open(path, O_CREAT | O_WRONLY, mode: 0o600))
    // So that the file system does not give the socket's inode to the file.
    withExtendedLifetime(listener) {}
    listener = nil
    #expect(try system.lstat(path).isRegularFile)
  }

  @Test func `a missing directory is said`() throws {
    let error = #expect(throws: ListenError.self) {
      try Listener(
        ListenAddress("unix:\(directory.path)/no/s"), mode: 0o600, system: system)
    }
    #expect(
      error?.description.hasSuffix(
        "No such file or directory: make the directory, or correct the path") == true)
  }

  @Test func `a TCP port is listened on, and a taken one refused`() throws {
    let port = try freePort()
    let own = try ListenAddress("localhost:\(port)")
    let listener = try Listener(own, mode: 0, system: system)
    let client = try FastCGIClient(own)
    try eventually("it has come") { listener.hasWaiting }
    #expect(listener.accept().isConnection)
    withExtendedLifetime(client) {}
    let error = #expect(throws: ListenError.self) { try Listener(own, mode: 0, system: system) }
    #expect(
      error?.description
        == "127.0.0.1:\(port): already served by another process: stop that, or listen elsewhere")
  }

  @Test func `a descriptor that does not listen is no inherited socket`() throws {
    let file = try system.open("\(directory.path)/f", O_CREAT | O_WRONLY, mode: 0o600)
    defer { system.close(file) }
    #expect(!Listener.isListening(file))
    #expect(!Listener.isListening(-1))
    #expect(throws: ListenError.self) { try Listener(inherited: file, system: system) }
  }

  @Test func `an inherited socket is served without being waited on`() throws {
    let own = try listen()
    let inherited = try Listener(inherited: dup(own.descriptor), system: system)
    #expect(!inherited.accept().isConnection)
    _ = try FastCGIClient(ListenAddress("unix:\(path)"))
    #expect(inherited.accept().isConnection)
  }
}

extension Listener.Acceptance {
  fileprivate var isConnection: Bool {
    guard case .connection(let descriptor) = self else { return false }
    close(descriptor)
    return true
  }
}
