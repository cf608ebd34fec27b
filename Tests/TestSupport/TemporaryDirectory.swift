import Foundation

/// A directory of a test's own, gone with all that is in it when the test lets go of it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  /// `parent`: a directory other than TMPDIR.
  package init(in parent: String? = nil) throws {
    // Short: a Unix socket's path has at most 107 bytes.
    let url = (parent.map(URL.init(fileURLWithPath:)) ?? FileManager.default.temporaryDirectory)
      .appendingPathComponent("notice-test-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
