import Glibc
package import SystemCalls

/// The lock that one sender holds on a spool for as long as it runs. The file names its holder.
package struct SenderLock: ~Copyable {
  private let descriptor: Int32
  private let system: any SystemCalls

  /// Somebody else has it: "process 4711".
  package struct Held: Error, CustomStringConvertible {
    package let description: String
  }

  package static func acquire(
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws -> SenderLock {
    let path = "\(directory.state)/lock"
    let descriptor = try system.open(
      path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    do {
      guard try system.flock(descriptor) else {
        var holder: [UInt8] = []
        _ = try system.pread(descriptor, appendingTo: &holder, count: 64, at: 0)
        let name = String(decoding: holder.prefix { $0 != 0x0A }, as: UTF8.self)
        throw Held(
          description: "\(path) is held by \(name.isEmpty ? "another process" : name)")
      }
      try system.ftruncate(descriptor, to: 0)
      _ = try system.write(descriptor, Array("process \(getpid())\n".utf8).span)
    } catch {
      system.close(descriptor)
      throw error
    }
    return SenderLock(descriptor: descriptor, system: system)
  }

  /// Says how long the lock is needed; it ends in any case with the process.
  package consuming func release() {}

  deinit { system.close(descriptor) }
}
