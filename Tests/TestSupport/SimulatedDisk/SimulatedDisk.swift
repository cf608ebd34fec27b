import Glibc
import SystemCalls

/// A file system in memory that may be cut off from its power at any moment, and the clock and the chance of the machine that it is
/// in; all of it comes again with the same seed. Processes use it by a ``SimulatedProcess`` each. Used by one thread.
///
/// What a power cut leaves is everything that Linux may leave, so that what works here needs no more than what is promised:
///
/// - fsync(2), fdatasync(2): when they return, the bytes and the size of the file are on the disk; not its name. A name is
///   when its directory was synced (fsync(2): "an explicit fsync() on a file descriptor for the directory is also needed").
/// - What was not synced may be there or not, each sector of 512 bytes and each size for itself and in any order, with zeros or
///   old bytes where the size was first: see ``SimulatedContent``. (Pillai et al., "All File Systems Are Not Created
///   Equal", OSDI 2014, tables 1 and 2: appends and overwrites are neither atomic nor ordered. Zheng et al., "Torturing
///   Databases for Fun and Profit", OSDI 2014: sectors.)
/// - Of names, each change may be there or not, whatever came before or after it, in half of the cuts; in the other half they
///   are there up to some moment, as journals keep them. One rename is one change, also between two directories and
///   over a name that was there.
/// - A sync that fails leaves any part, is told once to every descriptor that was open, and the next succeeds without having
///   written what this one lost (fsync(2), "errors"; Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
/// - Locks, descriptors and reservations are gone; the clock that never jumps begins anew.
///
/// The end of a process takes its descriptors and locks; a write that is cut by it may have taken a part of its bytes.
/// Space is given out in blocks of 4 KiB; a write takes what there is (write(2), ENOSPC), a reservation all or nothing.
package final class SimulatedDisk: @unchecked Sendable {
  private(set) var nodes: [SimulatedNode]
  var descriptors: [Int32: OpenFile] = [:]
  var changes: [SimulatedNameChange] = []
  private(set) var changesMade = 0
  private var namesByPath: [String: [String]] = [:]
  private var nextDescriptor: Int32 = 3
  var processes: [SimulatedProcess] = []
  package var chance: SeededGenerator

  /// Bytes that can still be given out.
  package var bytesFree = 1 << 30

  /// Files of which a sync failed, by their paths: what was in them may be gone after a power cut.
  package var pathsOfFailedSyncs: Set<String> = []

  private(set) var monotonic: Int64 = 1_000_000_000
  private(set) var realtime: Int64 = 1_795_330_112_000_000_000

  static let blockBytes = 4096

  /// What a descriptor is open on.
  struct OpenFile {
    let node: SimulatedNode
    let path: String
    let appends: Bool
    let process: ObjectIdentifier
    var offset = 0
    var syncFailuresTold: Int
  }

  package init(seed: UInt64) {
    chance = SeededGenerator(seed: seed)
    nodes = [SimulatedNode(number: 0, .directory, mode: 0o755)]
    nodes[0].links = 1
  }

  /// A process that has just begun.
  package func process(_ name: String) -> SimulatedProcess {
    let process = SimulatedProcess(name, self)
    processes.append(process)
    return process
  }

  /// The disk as it is, with nobody at work.
  package func copy() -> SimulatedDisk {
    let copy = SimulatedDisk(seed: 0)
    copy.nodes = nodes.map { $0.copy() }
    copy.changes = changes
    copy.changesMade = changesMade
    copy.chance = chance
    copy.bytesFree = bytesFree
    copy.monotonic = monotonic
    copy.realtime = realtime
    return copy
  }

  // MARK: Time

  package func pass(nanoseconds: Int64) {
    monotonic += nanoseconds
    realtime += nanoseconds
  }

  package var realtimeMilliseconds: Int64 { realtime / 1_000_000 }

  func restartClock() { monotonic = 1_000_000_000 }

  // MARK: Nodes and descriptors

  func makeNode(_ kind: SimulatedNode.Kind, mode: UInt32) -> SimulatedNode {
    let node = SimulatedNode(number: nodes.count, kind, mode: mode)
    touch(node)
    nodes.append(node)
    return node
  }

  func touch(_ node: SimulatedNode) { node.modifiedSeconds = Int(realtime / 1_000_000_000) }

  func openDescriptor(
    _ node: SimulatedNode, _ path: String, appends: Bool, _ process: SimulatedProcess
  )
    -> Int32
  {
    let descriptor = nextDescriptor
    nextDescriptor += 1
    descriptors[descriptor] = OpenFile(
      node: node, path: path, appends: appends, process: ObjectIdentifier(process),
      syncFailuresTold: node.syncFailures)
    return descriptor
  }

  func close(_ descriptor: Int32) {
    guard let file = descriptors.removeValue(forKey: descriptor) else { return }
    if file.node.holder == descriptor { file.node.holder = nil }
    release(file.node)
  }

  // MARK: Space

  /// The space of a file that nobody can come to any more is free.
  func release(_ node: SimulatedNode) {
    guard node.links == 0, node.allocated > 0,
      !descriptors.values.contains(where: { $0.node === node })
    else { return }
    allocate(0, to: node)
  }

  func allocate(_ bytes: Int, to node: SimulatedNode) {
    bytesFree += node.allocated - bytes
    node.allocated = bytes
  }

  static func blocks(_ bytes: Int) -> Int {
    (bytes + blockBytes - 1) / blockBytes * blockBytes
  }

  // MARK: Names

  func note(_ parts: [SimulatedNameChange.Part]) {
    changesMade += 1
    changes.append(SimulatedNameChange(number: changesMade, parts: parts))
    for part in parts { nodes[part.directory].entries[part.name] = part.node }
  }

  /// The directory that a path's last name stands in, and that name.
  func place(_ path: String, _ call: String) throws(SystemCallError) -> (
    directory: SimulatedNode, name: String
  ) {
    let names = names(of: path)
    guard let name = names.last else {
      throw SystemCallError(call, path, errno: EISDIR)
    }
    var node = nodes[0]
    for name in names.dropLast() {
      guard node.isDirectory else { throw SystemCallError(call, path, errno: ENOTDIR) }
      guard let number = node.entries[name] else {
        throw SystemCallError(call, path, errno: ENOENT)
      }
      node = nodes[number]
    }
    guard node.isDirectory else { throw SystemCallError(call, path, errno: ENOTDIR) }
    return (node, name)
  }

  private func names(of path: String) -> [String] {
    if let known = namesByPath[path] { return known }
    let names = path.split(separator: "/").map(String.init)
    namesByPath[path] = names
    return names
  }

  /// A file as every process sees it; nil: there is none.
  package func bytes(_ path: String) -> [UInt8]? {
    (try? find(path, "open"))?.content.visible
  }

  /// What a path leads to, links not followed.
  func find(_ path: String, _ call: String) throws(SystemCallError) -> SimulatedNode {
    if names(of: path).isEmpty { return nodes[0] }
    let (directory, name) = try place(path, call)
    guard let number = directory.entries[name] else {
      throw SystemCallError(call, path, errno: ENOENT)
    }
    return nodes[number]
  }
}
