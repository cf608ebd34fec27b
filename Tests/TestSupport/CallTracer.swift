import CTrace
import Foundation
import SystemCalls

/// Runs a program to its end, or to the instant before a system call that a test names: there it is killed as by `kill -9`. Calls are
/// counted over all threads of the program, so that "the Nth call, for every N" leaves none out. The program needs no hook for it.
///
/// Only calls are told that may change a file or tell another process something: between two of them, a kill changes nothing.
package struct CallTracer {
  package struct Call: Sendable, CustomStringConvertible {
    /// "rename", "write"; that of the family, not of the variant.
    package let name: String
    /// Where it changes something; a rename's target.
    package let path: String

    package var description: String { "\(name) \(path)" }

    /// `pattern` as in fnmatch(3).
    package func fits(_ name: String, _ pattern: String) -> Bool {
      guard self.name == name else { return false }
      return unsafe fnmatch(pattern, path, 0) == 0
    }
  }

  package struct Outcome: Sendable {
    /// Those that were made, and last the one before which it was killed.
    package var calls: [Call] = []
    /// The exit status, or 128 and the signal's number.
    package var status: Int32 = -1
    package var wasKilled: Bool { status == 128 + SIGKILL }
  }

  private let executable: String
  private let arguments: [String]
  private let environment: [String: String]
  private let input: String
  private let log: String

  private static let secondsMax = 60.0

  /// `input` and `log` are files, as in ``ChildProcess``.
  package init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    input: String = "/dev/null", log: String
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    self.input = input
    self.log = log
  }

  /// `isLast` is asked before each call, which has the number given, from 1.
  package func run(
    killedBefore isLast: @escaping @Sendable (Int, Call) -> Bool = { _, _ in false }
  ) throws -> Outcome {
    let progress = Monitor(Progress())
    // A thread of its own: what it waits for is what it has started, and nothing of anybody else's.
    let thread = try WorkerThread(name: "tracer") { trace(progress, isLast) }
    do {
      try eventually("\(executable) ends", seconds: Self.secondsMax) {
        progress.withLock { $0.isEnded }
      }
    } catch {
      progress.withLock { if $0.process > 0 { _ = kill($0.process, SIGKILL) } }
      thread.join()
      throw error
    }
    thread.join()
    let end = progress.withLock { $0 }
    if let failure = end.failure { throw TestFailure(failure) }
    return end.outcome
  }

  private struct Progress {
    var process: Int32 = 0
    var outcome = Outcome()
    var failure: String?
    var isEnded = false
  }

  private func trace(_ progress: Monitor<Progress>, _ isLast: (Int, Call) -> Bool) {
    defer { progress.withLock { $0.isEnded = true } }
    let process = start()
    guard process > 0 else {
      progress.withLock { $0.failure = "unable to start \(executable) under trace" }
      return
    }
    progress.withLock { $0.process = process }
    var known: Set<Int32> = []
    var calls: [Call] = []
    while true {
      var status: Int32 = 0
      let thread = unsafe ctrace_wait(&status)
      guard thread > 0 else { break }
      if status & 0xFF != 0x7F {
        if thread == process {
          let signal = status & 0x7F
          let ending = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
          progress.withLock { $0.outcome = Outcome(calls: calls, status: ending) }
        }
        continue
      }
      let signal = (status >> 8) & 0xFF
      var passedOn: Int32 = 0
      if thread == process, known.isEmpty, ctrace_set_up(thread) != 0 {
        progress.withLock { $0.failure = "unable to trace \(executable): ptrace is not allowed" }
        kill(process, SIGKILL)
      }
      let isNew = known.insert(thread).inserted
      if signal == SIGTRAP | 0x80 {
        if let call = enteredCall(thread, of: process) {
          calls.append(call)
          if isLast(calls.count, call) { kill(process, SIGKILL) }
        }
      } else if signal != SIGTRAP, !(isNew && signal == SIGSTOP) {
        passedOn = signal
      }
      _ = ctrace_resume(thread, passedOn)
    }
  }

  private func start() -> Int32 {
    let input = unsafe open(input, O_RDONLY | O_CLOEXEC)
    let output = unsafe open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer {
      close(input)
      close(output)
    }
    var argv = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
    var envp = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer {
      for index in unsafe argv.indices { unsafe free(argv[index]) }
      for index in unsafe envp.indices { unsafe free(envp[index]) }
    }
    return unsafe ctrace_start(executable, &argv, &envp, input, output)
  }

  /// nil: none that counts.
  private func enteredCall(_ thread: Int32, of process: Int32) -> Call? {
    var entered = unsafe ctrace_call()
    guard unsafe ctrace_entered(thread, &entered) == 0, let name = unsafe entered.name else {
      return nil
    }
    let (descriptor, address) = unsafe (entered.descriptor, entered.path)
    let path =
      descriptor >= 0
      ? link("/proc/\(process)/fd/\(descriptor)") : text(at: UInt(address), of: process)
    // Messages are for people, and an event tells a thread of the program itself.
    if descriptor == 2 || path.hasPrefix("anon_inode:") { return nil }
    return Call(name: unsafe String(cString: name), path: path)
  }

  private func link(_ path: String) -> String {
    (try? LinuxSystemCalls().readlink(path)) ?? path
  }

  private func text(at address: UInt, of process: Int32) -> String {
    let memory = unsafe open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    defer { close(memory) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = unsafe max(0, pread(memory, buffer.baseAddress, buffer.count, off_t(address)))
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
