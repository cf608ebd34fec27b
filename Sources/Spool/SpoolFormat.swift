import Glibc
package import SystemCalls

/// The form of the spool as a whole. A spool of this version says nothing; a version whose files this one would misread, or take
/// for damaged, puts the number of its form into the file `format`, and then this one leaves the spool alone.
package enum SpoolFormat {
  private static let known = 1
  private static let bytesMax = 64

  /// What the spool says of itself.
  package struct Later: Error, CustomStringConvertible {
    let path: String
    let number: String

    package var description: String { "\(fault): \(remedy)" }

    package var fault: String {
      "\(path) says \(number): this spool belongs to a later version of this program, which knows format \(known)"
    }

    package var remedy: String { "run the version that wrote it, or name another spool" }
  }

  /// nil: this version may use the spool, or there is none yet.
  package static func later(
    in directory: SpoolDirectory, _ system: any SystemCalls
  ) throws(SystemCallError) -> Later? {
    let path = "\(directory.path)/format"
    var bytes: [UInt8] = []
    do throws(SystemCallError) {
      let descriptor = try system.open(path, O_RDONLY | O_NOFOLLOW, mode: 0)
      defer { system.close(descriptor) }
      _ = try system.pread(descriptor, appendingTo: &bytes, count: bytesMax, at: 0)
    } catch {
      guard error.errno == ENOENT || error.errno == ENOTDIR else { throw error }
      return nil
    }
    let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    return Int(text).map { $0 <= known } ?? false ? nil : Later(path: path, number: text)
  }
}
