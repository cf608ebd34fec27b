import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import Spool

struct FileLockTests {
  private let temporary: TemporaryDirectory
  private let system = LinuxSystemCalls()
  private var path: String { "\(temporary.path)/lock" }

  init() throws { temporary = try TemporaryDirectory() }

  /// As a child has it between fork and exec: each destination that is a command forks.
  private func duplicate() throws -> Int32 {
    let names = try system.list("/proc/self/fd")
    let open = names.first { (try? system.readlink("/proc/self/fd/\($0)")) == path }
    return dup(try #require(open.flatMap { Int32($0) }))
  }

  @Test func `a lock is held by one, who is named`() throws {
    let lock = try FileLock.acquire(path, system)
    let error = #expect(throws: FileLock.Held.self) {
      _ = try FileLock.acquire(path, system)
    }
    #expect(error?.description == "\(path) is held by process \(getpid())")
    lock.release()
  }

  @Test func `a lock given back is free, whoever has its file open still`() throws {
    let lock = try FileLock.acquire(path, system)
    let other = try duplicate()
    defer { close(other) }
    lock.release()
    let next = try FileLock.acquire(path, system)
    next.release()
  }
}
