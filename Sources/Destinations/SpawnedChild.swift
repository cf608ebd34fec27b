import Glibc
import Synchronization
import SystemCalls

/// Begins a process by posix_spawn(3): in a group of its own, with every signal as it is by default, and with no descriptor of ours but its
/// standard three. Its standard output goes nowhere.
struct SpawnedChild {
  let identifier: pid_t
  /// Our end of its standard input; writing does not wait.
  let input: Int32
  /// Our end of its standard error; reading does not wait.
  let errors: Int32

  /// No process begins while another's pipes are made: there is no call that makes them close-on-exec at once and
  /// that Swift shows.
  private static let spawning = Mutex(())

  init(_ arguments: [String], environment: [String: String]) throws(SystemCallError) {
    self = try Self.spawning.withLock { _ throws(SystemCallError) in
      let input = try Self.makePipe()
      defer { close(input.reading) }
      let errors: (reading: Int32, writing: Int32)
      do throws(SystemCallError) {
        errors = try Self.makePipe()
      } catch {
        close(input.writing)
        throw error
      }
      defer { close(errors.writing) }
      do throws(SystemCallError) {
        let identifier = try Self.spawn(
          arguments, environment, input: input.reading, errors: errors.writing)
        for end in [input.writing, errors.reading] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        return SpawnedChild(
          identifier: identifier, input: input.writing, errors: errors.reading)
      } catch {
        close(input.writing)
        close(errors.reading)
        throw error
      }
    }
  }

  private init(identifier: pid_t, input: Int32, errors: Int32) {
    self.identifier = identifier
    self.input = input
    self.errors = errors
  }

  private static func makePipe() throws(SystemCallError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw SystemCallError("pipe", "") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String: String], input: Int32, errors: Int32
  ) throws(SystemCallError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    // Not every library's descriptors are close-on-exec. To close one that is not open any more is no error here.
    let open = try LinuxSystemCalls().list("/proc/self/fd").compactMap { Int32($0) }
    for descriptor in open where descriptor > STDERR_FILENO {
      unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var envp = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer {
      for index in unsafe argv.indices { unsafe free(argv[index]) }
      for index in unsafe envp.indices { unsafe free(envp[index]) }
    }
    var identifier = pid_t()
    let result = unsafe posix_spawnp(
      &identifier, arguments[0], &actions, &attributes, &argv, &envp)
    guard result == 0 else { throw SystemCallError("posix_spawn", arguments[0], errno: result) }
    return identifier
  }
}
