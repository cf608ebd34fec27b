import Glibc
package import SystemCalls

/// A lock on a file that one process at a time holds for as long as it needs, and that nobody takes away. It ends with the
/// process at the latest. The file names the holder.
package struct FileLock: ~Copyable {
  private let descriptor: Int32
  private let system: any SystemCalls

  private static let pauseNanoseconds: Int64 = 5_000_000

  /// Somebody else has it: "process 4711".
  package struct Held: Error, CustomStringConvertible {
    package let description: String
  }

  package static func acquire(
    _ path: String, waitMilliseconds: Int = 0, _ system: any SystemCalls
  ) throws -> FileLock {
    let descriptor = try system.open(
      path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: SpoolDirectory.fileMode)
    do {
      let end = system.monotonicNanoseconds() + Int64(waitMilliseconds) * 1_000_000
      while try !system.flock(descriptor) {
        guard system.monotonicNanoseconds() < end else {
          throw Held(description: "\(path) is held by \(try holder(descriptor, system))")
        }
        system.sleep(nanoseconds: pauseNanoseconds)
      }
      try system.ftruncate(descriptor, to: 0)
      _ = try system.write(descriptor, Array("process \(getpid())\n".utf8).span)
    } catch {
      system.close(descriptor)
      throw error
    }
    return FileLock(descriptor: descriptor, system: system)
  }

  private static func holder(
    _ descriptor: Int32, _ system: any SystemCalls
  ) throws(SystemCallError) -> String {
    var holder: [UInt8] = []
    _ = try system.pread(descriptor, appendingTo: &holder, count: 64, at: 0)
    let name = String(decoding: holder.prefix { $0 != 0x0A }, as: UTF8.self)
    return name.isEmpty ? "another process" : name
  }

  /// Says how long the lock is needed.
  package consuming func release() {}

  deinit { system.closeLocked(descriptor) }
}
