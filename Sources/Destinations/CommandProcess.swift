import Glibc
import SystemCalls

/// A process that gets its input and is waited for, without ever making its caller wait. It runs in a process group of its own,
/// which is ended with it when its time is over, or when it is let go of.
final class CommandProcess {
  private let identifier: pid_t
  private let exit: ChildExit
  private var input: InputPipe
  private var errors: ErrorPipe
  private var stage: Stage
  private let graceMilliseconds: Int
  private var isReaped = false

  private enum Stage {
    case running(deadlineMilliseconds: Int)
    /// Asked to end, because its time is over.
    case terminating(killMilliseconds: Int)
    case killed
  }

  /// Begins `arguments[0]`. It is asked to end at its deadline, and made to end `graceMilliseconds` later.
  init(
    _ arguments: [String], environment: [String: String], input bytes: [UInt8],
    deadlineMilliseconds: Int, graceMilliseconds: Int
  ) throws(SystemCallError) {
    let child = try SpawnedChild(arguments, environment: environment)
    identifier = child.identifier
    input = InputPipe(descriptor: child.input, bytes: bytes)
    errors = ErrorPipe(descriptor: child.errors)
    stage = .running(deadlineMilliseconds: deadlineMilliseconds)
    self.graceMilliseconds = graceMilliseconds
    do throws(SystemCallError) {
      exit = try ChildExit(of: identifier)
    } catch {
      kill(-identifier, SIGKILL)
      waitpid(identifier, nil, 0)
      input.close()
      errors.close()
      throw error
    }
  }

  deinit {
    if !isReaped {
      kill(-identifier, SIGKILL)
      _ = reap()
    }
    input.close()
    errors.close()
  }

  /// What to wait for, besides the time: then there is something to ``work(now:)`` on.
  var readable: [Int32] { [exit.descriptor] + errors.waiting }
  var writable: [Int32] { input.waiting }

  /// When the process is to be asked or made to end.
  var dueMilliseconds: Int {
    switch stage {
    case .running(let time), .terminating(let time): time
    case .killed: .max
    }
  }

  /// Gives and takes what can be without waiting. Returns how the process ended, once it has.
  func work(now: Int) -> CommandEnding? {
    input.write()
    errors.read()
    guard exit.hasCome else {
      if now >= dueMilliseconds { end(now: now) }
      return nil
    }
    // Its last words may have come since.
    errors.read()
    let status: CommandEnding.Status
    if case .running = stage {
      status = reap()
    } else {
      // Nothing that it started outlives its time either.
      kill(-identifier, SIGKILL)
      _ = reap()
      status = .timedOut
    }
    return CommandEnding(status: status, lastLine: errors.lastLine)
  }

  private func end(now: Int) {
    switch stage {
    case .running:
      kill(-identifier, SIGTERM)
      stage = .terminating(killMilliseconds: now + graceMilliseconds)
    case .terminating, .killed:
      kill(-identifier, SIGKILL)
      stage = .killed
    }
  }

  private func reap() -> CommandEnding.Status {
    exit.join()
    var status: Int32 = 0
    while unsafe waitpid(identifier, &status, 0) == -1, errno == EINTR {}
    isReaped = true
    // wait(2)'s WIFEXITED and its kin are macros.
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }
}
