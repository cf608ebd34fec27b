import Foundation

/// A directory of a test's own, gone with all that is in it when the test lets go of it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    // Short: a Unix socket's path has at most 107 bytes.
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("notice-test-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
