import Glibc
package import SystemCalls

/// Calls about names.
extension SimulatedProcess {
  package func open(
    _ path: String, _ flags: Int32, mode: UInt32
  ) throws(SystemCallError) -> Int32 {
    _ = try enter(.open, path)
    func failure(_ errno: Int32) -> SystemCallError { SystemCallError("open", path, errno: errno) }
    let node: SimulatedNode
    do throws(SystemCallError) {
      node = try disk.find(path, "open")
    } catch {
      guard error.errno == ENOENT, flags & O_CREAT != 0 else { throw error }
      let (directory, name) = try disk.place(path, "open")
      let made = disk.makeNode(.file, mode: mode)
      link(made, in: directory, name)
      return disk.openDescriptor(made, path, appends: flags & O_APPEND != 0, self)
    }
    if flags & O_CREAT != 0 && flags & O_EXCL != 0 { throw failure(EEXIST) }
    // Nobody here opens a file through a link.
    if node.target != nil { throw failure(ELOOP) }
    if flags & O_DIRECTORY != 0 && !node.isDirectory { throw failure(ENOTDIR) }
    if node.isDirectory && flags & O_ACCMODE != O_RDONLY { throw failure(EISDIR) }
    if flags & O_TRUNC != 0 {
      node.content.truncate(to: 0)
      disk.allocate(0, to: node)
      disk.touch(node)
    }
    return disk.openDescriptor(node, path, appends: flags & O_APPEND != 0, self)
  }

  /// Follows one link, which is relative.
  package func stat(_ path: String) throws(SystemCallError) -> FileStatus {
    _ = try enter(.stat, path)
    let node = try disk.find(path, "stat")
    guard let target = node.target else { return FileStatus(node) }
    let directory = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
    return FileStatus(try disk.find(directory + target, "stat"))
  }

  package func lstat(_ path: String) throws(SystemCallError) -> FileStatus {
    _ = try enter(.lstat, path)
    return FileStatus(try disk.find(path, "lstat"))
  }

  package func modifiedSeconds(_ path: String) throws(SystemCallError) -> Int {
    _ = try enter(.lstat, path)
    return try disk.find(path, "lstat").modifiedSeconds
  }

  package func rename(_ from: String, to: String) throws(SystemCallError) {
    if case .lie = try enter(.rename, to) { return }
    let node = try disk.find(from, "rename")
    let (source, sourceName) = try disk.place(from, "rename")
    let (target, targetName) = try disk.place(to, "rename")
    if source === target && sourceName == targetName { return }
    let replaced = target.entries[targetName].map { disk.nodes[$0] }
    if replaced === node { return }
    disk.note([
      .init(directory: source.number, name: sourceName, node: nil),
      .init(directory: target.number, name: targetName, node: node.number),
    ])
    if let replaced { unlinked(replaced) }
  }

  package func unlink(_ path: String) throws(SystemCallError) {
    if case .lie = try enter(.unlink, path) { return }
    let node = try disk.find(path, "unlink")
    guard !node.isDirectory else { throw SystemCallError("unlink", path, errno: EISDIR) }
    let (directory, name) = try disk.place(path, "unlink")
    disk.note([.init(directory: directory.number, name: name, node: nil)])
    unlinked(node)
  }

  package func symlink(_ target: String, at path: String) throws(SystemCallError) {
    _ = try enter(.symlink, path)
    let (directory, name) = try disk.place(path, "symlink")
    guard directory.entries[name] == nil else {
      throw SystemCallError("symlink", path, errno: EEXIST)
    }
    link(disk.makeNode(.link(target: target), mode: 0o777), in: directory, name)
  }

  package func readlink(_ path: String) throws(SystemCallError) -> String {
    _ = try enter(.readlink, path)
    guard let target = try disk.find(path, "readlink").target else {
      throw SystemCallError("readlink", path, errno: EINVAL)
    }
    return target
  }

  package func mkdir(_ path: String, mode: UInt32) throws(SystemCallError) {
    _ = try enter(.mkdir, path)
    let (directory, name) = try disk.place(path, "mkdir")
    guard directory.entries[name] == nil else {
      throw SystemCallError("mkdir", path, errno: EEXIST)
    }
    link(disk.makeNode(.directory, mode: mode), in: directory, name)
  }

  package func list(_ path: String) throws(SystemCallError) -> [String] {
    _ = try enter(.list, path)
    let node = try disk.find(path, "opendir")
    guard node.isDirectory else { throw SystemCallError("opendir", path, errno: ENOTDIR) }
    let names = node.entries.keys.sorted()
    return disk.chance.next() % 2 == 0 ? names : names.reversed()
  }

  private func link(_ node: SimulatedNode, in directory: SimulatedNode, _ name: String) {
    node.links = 1
    disk.note([.init(directory: directory.number, name: name, node: node.number)])
  }

  private func unlinked(_ node: SimulatedNode) {
    node.links -= 1
    disk.release(node)
  }
}
