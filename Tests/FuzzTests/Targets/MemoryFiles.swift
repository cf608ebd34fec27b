import Glibc
import SystemCalls

/// Files in memory, by path, for one process that nothing goes wrong for: as much of a file system as the code under test asks
/// for, and as fast as can be. Directories are there of themselves.
final class MemoryFiles: SystemCalls {
  private final class Node {
    var bytes: [UInt8]
    let target: String?
    var links = 1
    let inode: UInt64

    init(_ bytes: [UInt8] = [], target: String? = nil, inode: Int) {
      self.bytes = bytes
      self.target = target
      self.inode = UInt64(inode)
    }

    var status: FileStatus {
      FileStatus(
        size: bytes.count, allocated: bytes.count, links: links, inode: inode,
        mode: (target == nil ? S_IFREG : S_IFLNK) | 0o640)
    }
  }

  private struct State {
    var nodes: [String: Node] = [:]
    var open: [(node: Node, path: String)?] = []
    var count = 0
    var time: Int64 = 1_795_330_112_000_000_000
  }

  private let state: Monitor<State>

  init(_ files: [String: [UInt8]] = [:]) {
    var state = State()
    for (path, bytes) in files {
      state.count += 1
      state.nodes[path] = Node(bytes, inode: state.count)
    }
    self.state = Monitor(state)
  }

  /// The content of all files.
  var contents: [String: [UInt8]] {
    state.withLock { $0.nodes.filter { $0.value.target == nil }.mapValues(\.bytes) }
  }

  private func change<Result>(
    _ call: String, _ path: String, _ body: (inout State) -> Result?
  ) throws(SystemCallError) -> Result {
    guard let result = state.withLock(body) else {
      throw SystemCallError(call, path, errno: ENOENT)
    }
    return result
  }

  func open(_ path: String, _ flags: Int32, mode: UInt32) throws(SystemCallError) -> Int32 {
    try change("open", path) { state in
      if flags & O_DIRECTORY != 0 { state.open.append((Node(inode: 0), path)) }
      if flags & O_DIRECTORY == 0 {
        if state.nodes[path] == nil, flags & O_CREAT != 0 {
          state.count += 1
          state.nodes[path] = Node(inode: state.count)
        }
        guard let node = state.nodes[path] else { return nil }
        if flags & O_TRUNC != 0 { node.bytes = [] }
        state.open.append((node, path))
      }
      return Int32(state.open.count - 1)
    }
  }

  func close(_ descriptor: Int32) { state.withLock { $0.open[Int(descriptor)] = nil } }

  private func node(_ descriptor: Int32) throws(SystemCallError) -> Node {
    try change("descriptor", "\(descriptor)") { $0.open[Int(descriptor)]?.node }
  }

  func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int {
    guard offset >= 0 else { throw SystemCallError("pread", "", errno: EINVAL) }
    let bytes = try node(descriptor).bytes.dropFirst(offset).prefix(count)
    buffer += bytes
    return bytes.count
  }

  /// Appends, as all files of a spool are written.
  func write(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int {
    let node = try node(descriptor)
    for index in bytes.indices { node.bytes.append(bytes[index]) }
    return bytes.count
  }

  func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError) {
    let node = try node(descriptor)
    node.bytes = Array(node.bytes.prefix(bytes))
    node.bytes += [UInt8](repeating: 0, count: bytes - node.bytes.count)
  }

  func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus {
    try node(descriptor).status
  }

  func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int {
    _ = try lstat(path)
    return 0
  }

  func stat(_ path: String) throws(SystemCallError) -> FileStatus {
    try change("stat", path) { state in
      guard let target = state.nodes[path]?.target else { return state.nodes[path]?.status }
      return state.nodes[path[...(path.lastIndex(of: "/") ?? path.startIndex)] + target]?.status
    }
  }

  func lstat(_ path: String) throws(SystemCallError) -> FileStatus {
    try change("lstat", path) { $0.nodes[path]?.status }
  }

  func rename(_ from: String, to: String) throws(SystemCallError) {
    try change("rename", from) { state -> Void? in
      guard let node = state.nodes.removeValue(forKey: from) else { return nil }
      state.nodes[to]?.links = 0
      state.nodes[to] = node
      return ()
    }
  }

  func unlink(_ path: String) throws(SystemCallError) {
    try change("unlink", path) { $0.nodes.removeValue(forKey: path).map { $0.links = 0 } }
  }

  func symlink(_ target: String, at path: String) throws(SystemCallError) {
    state.withLock { state in
      state.count += 1
      state.nodes[path] = Node(target: target, inode: state.count)
    }
  }

  func readlink(_ path: String) throws(SystemCallError) -> String {
    try change("readlink", path) { $0.nodes[path]?.target }
  }

  func list(_ path: String) throws(SystemCallError) -> [String] {
    state.withLock { state in
      // By bytes: a name may begin with what makes one character of itself and the slash before it.
      let directory = Array((path + "/").utf8)
      return state.nodes.keys.filter { $0.utf8.starts(with: directory) }
        .map { String(decoding: $0.utf8.dropFirst(directory.count), as: UTF8.self) }
        .filter { !$0.utf8.contains(UInt8(ascii: "/")) }
    }
  }

  func fsync(_ descriptor: Int32) {}
  func fdatasync(_ descriptor: Int32) {}
  func fallocate(_ descriptor: Int32, at offset: Int, count: Int) {}
  func flock(_ descriptor: Int32) -> Bool { true }
  func unlock(_ descriptor: Int32) {}
  func mkdir(_ path: String, mode: UInt32) {}
  func chmod(_ descriptor: Int32, mode: UInt32) {}

  func realtimeNanoseconds() -> Int64 { tick() }
  func monotonicNanoseconds() -> Int64 { tick() }
  func sleep(nanoseconds: Int64) { state.withLock { $0.time += nanoseconds } }
  func random() -> UInt64 { UInt64(tick()) }

  private func tick() -> Int64 {
    state.withLock { state in
      state.time += 1000
      return state.time
    }
  }
}
