import Glibc
import Notice
import SystemCalls

/// Lines on standard error: `notice-handler: error: unable to <verb> <path>: <reason>`. What may happen with
/// every request is said once in a while, with how often it happened.
final class Log: Sendable {
  enum Level: String, Sendable {
    case info, warning, error, fatal
  }

  private let system: any SystemCalls
  private let write: @Sendable (String) -> Void
  private let throttles = Monitor(Throttles())

  /// A type of its own: a dictionary's would be made when the program starts, which a CGI process would pay for each time.
  private struct Throttles {
    var ofLevel: [Level: LogThrottle] = [:]
  }

  init(_ system: any SystemCalls, write: @escaping @Sendable (String) -> Void = Log.standardError) {
    self.system = system
    self.write = write
  }

  func line(_ level: Level, _ message: String) {
    write("notice-handler: \(level.rawValue): \(OneLine.shown(message))\n")
  }

  /// A message of which thousands like it may come in a second.
  func repeatable(_ level: Level, _ message: String) {
    let now = system.monotonicNanoseconds()
    let unsaid = throttles.withLock {
      $0.ofLevel[level, default: LogThrottle()].admit(at: now)
    }
    guard let unsaid else { return }
    line(level, unsaid == 0 ? message : "\(message) (and \(unsaid) times unsaid)")
  }

  /// In one write, so that lines of several threads do not mix; where it fails there is nobody to tell.
  @Sendable static func standardError(_ line: String) {
    let bytes = Array(line.utf8)
    _ = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
    }
  }
}
