import Foundation

/// A program that a test runs, in a process group of its own: ended with all that it started, by force if need be, when the test
/// lets go of it. Its output goes to a file.
///
/// (Foundation's `Process` waits for ever where a program's own children outlive it, as those of a killed nginx do.)
package final class ChildProcess: @unchecked Sendable {
  package let identifier: Int32
  package let logPath: String
  private let lock = NSLock()
  private var ended: Int32?

  /// `environment` is added to the test's own; `input` is a file.
  package init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    input: String = "/dev/null", log: String
  ) throws {
    logPath = log
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    unsafe sigemptyset(&noSignals)
    unsafe posix_spawnattr_setsigmask(&attributes, &noSignals)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP))

    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
    var envp = unsafe merged.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer {
      for index in unsafe argv.indices { unsafe free(argv[index]) }
      for index in unsafe envp.indices { unsafe free(envp[index]) }
    }
    var identifier = pid_t()
    let result = unsafe posix_spawn(&identifier, executable, &actions, &attributes, &argv, &envp)
    guard result == 0 else {
      throw TestFailure(
        "unable to start \(executable): \(unsafe String(cString: strerror(result)))")
    }
    self.identifier = identifier
  }

  deinit { stop(SIGKILL) }

  package var isRunning: Bool { poll(WNOHANG) == nil }
  package var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

  package func signal(_ number: Int32) {
    kill(identifier, number)
  }

  /// The exit status, or 128 and the number of the signal that ended it.
  @discardableResult
  package func wait() -> Int32 {
    poll(0) ?? -1
  }

  /// Asks the program to end and waits for it; then nothing that it started is left.
  @discardableResult
  package func stop(_ number: Int32 = SIGTERM) -> Int32 {
    if isRunning { kill(number == SIGKILL ? -identifier : identifier, number) }
    let status = wait()
    kill(-identifier, SIGKILL)
    return status
  }

  private func poll(_ options: Int32) -> Int32? {
    lock.withLock {
      if let ended { return ended }
      var status: Int32 = 0
      guard unsafe waitpid(identifier, &status, options) == identifier else { return nil }
      let signal = status & 0x7F
      ended = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
      return ended
    }
  }
}

/// What a test needs and cannot have.
package struct TestFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// Looks every few milliseconds until `condition` holds; throws when it does not in time. The time is there for what never
/// comes: a machine that has much else to do is no fault.
package func eventually(
  _ what: String, seconds: Double = 600, _ condition: () throws -> Bool
) throws {
  let end = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    guard Date() < end else { throw TestFailure("not within \(seconds) s: \(what)") }
    usleep(5000)
  }
}

/// A TCP port of 127.0.0.1 that nobody uses and nobody else is given: a socket stays bound to it until this process ends.
/// A server may listen on it that sets SO_REUSEADDR, as all do; without one, connections are refused.
package func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  var yes: Int32 = 1
  unsafe setsockopt(
    descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      unsafe bind(descriptor, pointer, length) + getsockname(descriptor, pointer, &length)
    }
  }
  guard result == 0 else { throw TestFailure("no free port") }
  return Int(UInt16(bigEndian: address.sin_port))
}
