import Glibc
package import SystemCalls

/// A file of whole lines that is appended to, by one process at a time. What a crash left of a line that
/// was never finished is cut off when the file is opened.
package struct LineFile: ~Copyable {
  package private(set) var size: Int
  private var hasDurableName = false
  private let directory: String
  private let descriptor: Int32
  private let system: any SystemCalls

  /// Makes the file where it is missing.
  package static func open(
    _ path: String, in directory: String, _ system: any SystemCalls
  ) throws(SystemCallError) -> LineFile {
    let descriptor = try system.open(
      path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    var file = LineFile(directory: directory, descriptor: descriptor, system: system)
    let end = try system.fstat(descriptor).size
    file.size = try system.lineEnd(of: descriptor, size: end)
    if file.size < end { try system.ftruncate(descriptor, to: file.size) }
    return file
  }

  private init(directory: String, descriptor: Int32, system: any SystemCalls) {
    size = 0
    self.directory = directory
    self.descriptor = descriptor
    self.system = system
  }

  deinit { system.close(descriptor) }

  /// All of the line, which ends in its newline, or nothing of it. `syncing`: it survives a power cut when this returns.
  package mutating func append(_ line: [UInt8], syncing: Bool) throws(SystemCallError) {
    var count = 0
    do throws(SystemCallError) {
      try system.writeAll(descriptor, line, written: &count)
      if syncing { try sync() }
    } catch {
      // After a sync that failed as well: what is written there later is new to the kernel, and is synced like any other.
      if count > 0 { try system.ftruncate(descriptor, to: size) }
      throw error
    }
    size += line.count
  }

  /// Makes all lines durable, and the file's name. Also those that were there: who wrote them need not have lived to do so.
  package mutating func sync() throws(SystemCallError) {
    try system.fdatasync(descriptor)
    if !hasDurableName { try system.syncDirectory(directory) }
    hasDurableName = true
  }

  /// Takes all lines away.
  package mutating func empty() throws(SystemCallError) {
    try system.ftruncate(descriptor, to: 0)
    size = 0
  }

  /// Leaves out of the file at `path` the lines that `isKept` does not keep: another file takes its place when it is
  /// durable. Nobody may append meanwhile. Returns how many lines went; a file that is missing has none.
  package static func rewrite(
    _ path: String, in directory: String, _ system: any SystemCalls,
    keeping isKept: (ArraySlice<UInt8>) -> Bool
  ) throws(SystemCallError) -> Int {
    let lines: LineSource
    do throws(SystemCallError) {
      lines = try LineSource(path: path, system)
    } catch {
      guard error.isMissing else { throw error }
      return 0
    }
    let next = path + ".next"
    let descriptor = try system.open(
      next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    var left = 0
    do throws(SystemCallError) {
      var kept: [UInt8] = []
      while let line = try lines.next() {
        if isKept(line) { kept += line + [UInt8(ascii: "\n")] } else { left += 1 }
        if kept.count >= rewriteBytes { try flush(&kept, to: descriptor, system) }
      }
      try flush(&kept, to: descriptor, system)
      try system.fdatasync(descriptor)
      system.close(descriptor)
    } catch {
      system.close(descriptor)
      throw error
    }
    if left == 0 {
      try system.unlink(next)
    } else {
      try system.rename(next, to: path)
      try system.syncDirectory(directory)
    }
    return left
  }

  private static let rewriteBytes = 1 << 20

  private static func flush(
    _ bytes: inout [UInt8], to descriptor: Int32, _ system: any SystemCalls
  ) throws(SystemCallError) {
    var written = 0
    try system.writeAll(descriptor, bytes, written: &written)
    bytes.removeAll(keepingCapacity: true)
  }
}
