import Foundation
import TestSupport

/// An ordinary user for programs that refuse to serve as root. A test that is not root runs them as itself.
enum Unprivileged {
  /// nobody's numbers, the same on every Linux; the user need not have a name.
  private static let identifier: UInt32 = 65534

  static func command(_ command: [String]) throws -> [String] {
    guard geteuid() == 0 else { return command }
    return [
      try Programs.tool("setpriv"), "--reuid=\(identifier)", "--regid=\(identifier)",
      "--clear-groups",
    ] + command
  }

  /// Gives that user a directory with all that is in it; what a test makes belongs to the test's user.
  static func own(_ path: String) throws {
    guard geteuid() == 0 else { return }
    let below = try FileManager.default.subpathsOfDirectory(atPath: path).map { "\(path)/\($0)" }
    for path in [path] + below {
      guard unsafe lchown(path, identifier, identifier) == 0 else {
        throw TestFailure("unable to give \(path) away")
      }
    }
  }
}
