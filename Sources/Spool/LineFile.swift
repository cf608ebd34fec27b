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

  /// Makes the file where it is missing. What is cut off goes to `quarantine`, where somebody may miss it: it is told as
  /// `name`.
  package static func open(
    _ path: String, in directory: String, _ system: any SystemCalls,
    keepingTornAs name: String = "", in quarantine: Quarantine? = nil
  ) throws(SystemCallError) -> LineFile {
    let descriptor = try system.open(
      path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    var file = LineFile(directory: directory, descriptor: descriptor, system: system)
    let end = try system.fstat(descriptor).size
    file.size = try system.lineEnd(of: descriptor, size: end)
    if file.size < end {
      if let quarantine {
        let bytes = try system.readAll(descriptor, file.size..<end)
        try TornTail.keep(
          QuarantineEntry(
            reason: "the file ended in the middle of this line", bytes: bytes, origin: .file(name)),
          in: quarantine)
      }
      try system.ftruncate(descriptor, to: file.size)
    }
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

  /// Puts in the place of each line of the file at `path` those that `replacement` gives for it: another file takes its place
  /// when it is durable. Nobody may append meanwhile. A file that is missing has no lines.
  package static func rewrite(
    _ path: String, in directory: String, _ system: any SystemCalls,
    _ replacement: (ArraySlice<UInt8>) -> [ArraySlice<UInt8>]
  ) throws(SystemCallError) {
    let lines: LineSource
    do throws(SystemCallError) {
      lines = try LineSource(path: path, system)
    } catch {
      guard error.isMissing else { throw error }
      return
    }
    let next = path + ".next"
    let descriptor = try system.open(
      next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    var isChanged = false
    do throws(SystemCallError) {
      var kept: [UInt8] = []
      while let line = try lines.next() {
        let others = replacement(line)
        isChanged = isChanged || others.map(\.count) != [line.count]
        for other in others { kept += other + [UInt8(ascii: "\n")] }
        if kept.count >= rewriteBytes { try flush(&kept, to: descriptor, system) }
      }
      // What is behind the last line goes when the file is opened.
      kept += lines.rest
      try flush(&kept, to: descriptor, system)
      try system.fdatasync(descriptor)
      system.close(descriptor)
    } catch {
      system.close(descriptor)
      throw error
    }
    if isChanged {
      try system.rename(next, to: path)
      try system.syncDirectory(directory)
    } else {
      try system.unlink(next)
    }
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
