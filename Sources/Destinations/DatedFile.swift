import Glibc
import Notice
import SystemCalls

/// One file of a ``FileDestination``, open and locked. It holds whole lines only: a line that a crash left unfinished
/// was never reported as delivered, and is cut off when the file, or the one after it, is opened.
final class DatedFile {
  let name: String
  private let path: String
  private let descriptor: Int32
  private var size = 0
  private var inode: UInt64 = 0
  private let system: any SystemCalls

  private static let prefix = "notices-"
  private static let suffix = ".ndjson"
  /// What is in them is personal.
  private static let directoryMode: UInt32 = 0o750
  private static let fileMode: UInt32 = 0o640

  /// "notices-20261122T06Z.ndjson", "notices-20261122.ndjson": sorted by name, they are sorted by time.
  static func name(at time: Timestamp, _ rotation: FileSettings.Rotation) -> String {
    switch rotation {
    case .hour: "\(prefix)\(time.basic.prefix(11))Z\(suffix)"
    case .day: "\(prefix)\(time.basic.prefix(8))\(suffix)"
    }
  }

  /// Makes directory and file where they are missing; both names are durable when this returns.
  convenience init(
    _ name: String, in directory: String, _ system: any SystemCalls
  ) throws(SystemCallError) {
    let directory = directory.hasSuffix("/") ? directory : directory + "/"
    try Self.makeDirectory(directory, system)
    let last = try system.list(directory).filter {
      $0.hasPrefix(Self.prefix) && $0.hasSuffix(Self.suffix)
    }.max()
    // The last file of an earlier run may have ended in the middle of a line.
    if let last, last != name { _ = try DatedFile(opening: last, in: directory, system) }
    try self.init(opening: name, in: directory, system)
    try system.syncDirectory(directory)
  }

  private init(
    opening name: String, in directory: String, _ system: any SystemCalls
  ) throws(SystemCallError) {
    self.name = name
    self.system = system
    path = directory + name
    descriptor = try system.open(
      path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode: Self.fileMode)
    guard try system.flock(descriptor) else {
      throw SystemCallError("flock", path, errno: EWOULDBLOCK)
    }
    let status = try system.fstat(descriptor)
    inode = status.inode
    size = try system.lineEnd(of: descriptor, size: status.size)
    if size < status.size { try system.ftruncate(descriptor, to: size) }
  }

  deinit { system.closeLocked(descriptor) }

  /// Whether the file still is what its name leads to, and as long as it was left: somebody else may tidy up.
  var isInPlace: Bool {
    guard let status = try? system.lstat(path) else { return false }
    return status.inode == inode && status.size == size
  }

  /// Writes and syncs all of the lines, or none. A file whose sync failed is shortened to what was synced before:
  /// what is written there later is new to the kernel, and is synced like any other.
  func append(_ lines: [UInt8]) throws(SystemCallError) {
    var written = 0
    do throws(SystemCallError) {
      try system.writeAll(descriptor, lines, written: &written)
      try system.fdatasync(descriptor)
    } catch {
      try? system.ftruncate(descriptor, to: size)
      throw error
    }
    size += lines.count
  }

  private static func makeDirectory(
    _ directory: String, _ system: any SystemCalls
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try system.mkdir(directory, mode: directoryMode)
    } catch {
      guard error.errno == EEXIST else { throw error }
      return
    }
    // Its own last slash does not count.
    let parent = directory.dropLast().lastIndex(of: "/").map { directory[...$0] } ?? "./"
    try system.syncDirectory(String(parent))
  }
}
