import Glibc
package import SystemCalls

/// Calls about what is in files.
extension SimulatedProcess {
  package func close(_ descriptor: Int32) { disk.close(descriptor) }

  package func pread(
    _ descriptor: Int32, appendingTo buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemCallError) -> Int {
    let (permit, file) = try enter(.pread, descriptor)
    var count = count
    if case .limit(let bytes) = permit { count = min(count, bytes) }
    guard file.node.isFile else { throw SystemCallError("pread", file.path, errno: EISDIR) }
    let bytes = file.node.content.visible
    guard offset < bytes.count else { return 0 }
    let end = min(bytes.count, offset + count)
    buffer.append(contentsOf: bytes[offset..<end])
    return end - offset
  }

  package func write(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int {
    if let forging, let path = disk.descriptors[descriptor]?.path {
      let own = bytes.indices.map { bytes[$0] }
      let forged = forging(SimulatedCall(name: .write, path: path, bytes: own.count), own)
      _ = try put(descriptor, forged.span)
      return bytes.count
    }
    return try put(descriptor, bytes)
  }

  private func put(_ descriptor: Int32, _ bytes: Span<UInt8>) throws(SystemCallError) -> Int {
    let (permit, file) = try enter(.write, descriptor, bytes: bytes.count)
    var count = bytes.count
    var last: SimulatedCall.Action?
    switch permit {
    case .lie: return count
    case .limit(let limit): count = min(count, limit)
    case .last(let action):
      last = action
      count = Int(disk.chance.next() % UInt64(count + 1))
    case .proceed, .truncate: break
    }
    let node = file.node
    let offset = file.appends ? node.content.visible.count : file.offset
    let wanted = SimulatedDisk.blocks(offset + count)
    if wanted > node.allocated {
      let room = max(0, disk.bytesFree) / SimulatedDisk.blockBytes * SimulatedDisk.blockBytes
      let granted = min(wanted, node.allocated + room)
      count = min(count, granted - offset)
      guard count > 0 || bytes.isEmpty else {
        throw SystemCallError("write", file.path, errno: ENOSPC)
      }
      disk.allocate(granted, to: node)
    }
    node.content.write(bytes.extracting(first: count), at: offset)
    disk.descriptors[descriptor]?.offset = offset + count
    disk.touch(node)
    if let last {
      end(last)
      throw SystemCallError("write", file.path, errno: EIO)
    }
    return count
  }

  package func fsync(_ descriptor: Int32) throws(SystemCallError) {
    try sync(.fsync, descriptor)
  }

  package func fdatasync(_ descriptor: Int32) throws(SystemCallError) {
    try sync(.fdatasync, descriptor)
  }

  private func sync(_ name: SimulatedCall.Name, _ descriptor: Int32) throws(SystemCallError) {
    do throws(SystemCallError) {
      let (permit, file) = try enter(name, descriptor)
      if case .lie = permit { return }
      if file.node.isDirectory {
        disk.syncNames(of: file.node)
        return
      }
      let failures = file.node.syncFailures
      if file.syncFailuresTold < failures {
        disk.descriptors[descriptor]?.syncFailuresTold = failures
        throw SystemCallError(name.rawValue, file.path, errno: EIO)
      }
      file.node.content.sync()
    } catch {
      // One that failed here was meant to: whoever else has the file open will be told as well.
      if !isDead, let file = disk.descriptors[descriptor], file.node.isFile,
        file.syncFailuresTold == file.node.syncFailures, error.errno != EINTR
      {
        file.node.content.failSync(&disk.chance)
        file.node.syncFailures += 1
        disk.pathsOfFailedSyncs.insert(file.path)
        disk.descriptors[descriptor]?.syncFailuresTold = file.node.syncFailures
      }
      throw error
    }
  }

  package func ftruncate(_ descriptor: Int32, to bytes: Int) throws(SystemCallError) {
    let (permit, file) = try enter(.ftruncate, descriptor, bytes: bytes)
    var bytes = bytes
    switch permit {
    case .lie: return
    case .truncate(let size): bytes = size
    case .proceed, .limit, .last: break
    }
    file.node.content.truncate(to: bytes)
    // What was reserved behind the end goes with it (ext4, xfs).
    disk.allocate(SimulatedDisk.blocks(bytes), to: file.node)
    disk.touch(file.node)
  }

  package func fallocate(
    _ descriptor: Int32, at offset: Int, count: Int
  ) throws(SystemCallError) {
    let (_, file) = try enter(.fallocate, descriptor)
    let wanted = SimulatedDisk.blocks(offset + count)
    guard wanted > file.node.allocated else { return }
    guard wanted - file.node.allocated <= disk.bytesFree else {
      throw SystemCallError("fallocate", file.path, errno: ENOSPC)
    }
    disk.allocate(wanted, to: file.node)
  }

  package func flock(_ descriptor: Int32) throws(SystemCallError) -> Bool {
    let (_, file) = try enter(.flock, descriptor)
    guard file.node.holder == nil || file.node.holder == descriptor else { return false }
    file.node.holder = descriptor
    return true
  }

  package func unlock(_ descriptor: Int32) throws(SystemCallError) {
    let (_, file) = try enter(.unlock, descriptor)
    if file.node.holder == descriptor { file.node.holder = nil }
  }

  package func fstat(_ descriptor: Int32) throws(SystemCallError) -> FileStatus {
    let (_, file) = try enter(.fstat, descriptor)
    return FileStatus(file.node)
  }

  package func chmod(_ descriptor: Int32, mode: UInt32) throws(SystemCallError) {
    let (_, file) = try enter(.chmod, descriptor)
    file.node.mode = mode
  }
}

extension FileStatus {
  init(_ node: SimulatedNode) {
    self.init(
      size: node.content.visible.count, allocated: node.allocated, links: node.links,
      inode: UInt64(node.number), mode: node.typeBits | node.mode)
  }
}
