import Glibc
package import SystemCalls

/// A small file that is replaced as a whole: whoever reads it, after whatever crash or power cut, finds one of the last
/// two contents, each with a checksum by its side to tell it from a damaged one.
///
/// The file is one line of JSON that ends as a record does, in `,"crc32c":"…"}`. The content before the last is kept
/// beside it under the name `….previous`.
package struct AtomicFile: Sendable {
  package let path: String
  private let directory: String
  private let system: any SystemCalls

  package init(_ name: String, in directory: String, _ system: any SystemCalls) {
    path = "\(directory)/\(name)"
    self.directory = directory
    self.system = system
  }

  package var previousPath: String { path + ".previous" }

  /// Replaces the content. When this returns, it survives a power cut.
  package func replace(_ bytes: [UInt8]) throws(SystemCallError) {
    let next = path + ".next"
    let descriptor = try system.open(
      next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    do throws(SystemCallError) {
      var count = 0
      try system.writeAll(descriptor, bytes, written: &count)
      try system.fdatasync(descriptor)
      system.close(descriptor)
    } catch {
      system.close(descriptor)
      throw error
    }
    do throws(SystemCallError) {
      try system.rename(path, to: previousPath)
    } catch {
      guard error.errno == ENOENT else { throw error }
    }
    try system.rename(next, to: path)
    try system.syncDirectory(directory)
  }

  /// The content of the file at `path`, which is this file's or its predecessor's; nil where there is none.
  package func read(_ path: String) throws(SystemCallError) -> [UInt8]? {
    let descriptor: Int32
    do throws(SystemCallError) {
      descriptor = try system.open(path, O_RDONLY | O_NOFOLLOW, mode: 0)
    } catch {
      guard error.errno == ENOENT else { throw error }
      return nil
    }
    defer { system.close(descriptor) }
    var bytes: [UInt8] = []
    while try system.pread(
      descriptor, appendingTo: &bytes, count: 64 << 10, at: bytes.count) > 0
    {}
    return bytes
  }

  /// Moves a content that cannot be read out of the way, under the name `….damaged`.
  package func setAside(_ path: String) throws(SystemCallError) {
    try system.rename(path, to: path + ".damaged")
  }
}
