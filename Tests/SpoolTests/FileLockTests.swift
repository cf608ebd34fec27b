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
    let other = try duplicateDescriptor(of: path)
    defer { close(other) }
    lock.release()
    let next = try FileLock.acquire(path, system)
    next.release()
  }
}
