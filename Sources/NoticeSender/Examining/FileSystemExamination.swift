import Foundation
import Glibc
import SystemCalls

/// Tries, in a directory of its own, what the spool's promises stand on: locks that exclude, appends that append, syncs
/// that take their time, reservations, renames. Whoever makes it removes the directory.
struct FileSystemExamination {
  private let directory: String
  private let system: any SystemCalls

  private static let syncs = 50
  /// Slower than this, a busy receiver waits noticeably; the platform gives up after some seconds.
  private static let syncMillisecondsMax = 20.0
  /// Faster than this, nothing can have reached a disk.
  private static let syncMillisecondsMin = 0.02

  init(_ directory: String, _ system: any SystemCalls = LinuxSystemCalls()) {
    self.directory = directory
    self.system = system
  }

  func findings() -> [Finding] {
    [
      trying("lock between processes", lock), trying("append", append),
      trying("fdatasync", sync), trying("space reserved ahead", reservation),
      trying("rename", rename), trying("time of files", fileTime),
    ]
  }

  private static let other = "keep the spool on a local file system such as ext4 or xfs"

  private func trying(_ subject: String, _ examine: (String) throws -> Finding) -> Finding {
    do {
      return try examine(subject)
    } catch {
      return .failed(subject, "\(error)", remedy: Self.other)
    }
  }

  private func open(_ name: String, _ flags: Int32 = 0) throws(SystemCallError) -> Int32 {
    try system.open("\(directory)/\(name)", O_RDWR | O_CREAT | flags, mode: 0o600)
  }

  private func content(_ descriptor: Int32) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    while try system.pread(descriptor, appendingTo: &bytes, count: 4096, at: bytes.count) > 0 {}
    return bytes
  }

  /// Another process, flock(1), must not get the lock while this one has it, and must get it afterwards.
  private func lock(_ subject: String) throws -> Finding {
    let descriptor = try open("lock")
    defer { system.close(descriptor) }
    guard try system.flock(descriptor) else {
      return .failed(subject, "a lock on a new file is taken", remedy: Self.other)
    }
    let arguments = ["flock", "--nonblock", "\(directory)/lock", "true"]
    guard let held = Program.run(arguments)?.status, held != 127 else {
      return .warning(
        subject, "could not be tried: there is no flock(1)", remedy: "install util-linux")
    }
    try system.unlock(descriptor)
    let free = Program.run(arguments)?.status
    guard held != 0, free == 0 else {
      return .failed(
        subject, held == 0 ? "two processes had one lock" : "a lock given back stayed taken",
        remedy: Self.other)
    }
    return .ok(subject, "flock excludes another process")
  }

  /// Two descriptors by turns, as two writers do.
  private func append(_ subject: String) throws -> Finding {
    let descriptors = [try open("append", O_APPEND), try open("append", O_APPEND)]
    defer { for descriptor in descriptors { system.close(descriptor) } }
    let bytes = (0..<100).map { UInt8($0) }
    for byte in bytes {
      var written = 0
      try system.writeAll(descriptors[Int(byte) % 2], [byte], written: &written)
    }
    guard try content(descriptors[0]) == bytes else {
      return .failed(subject, "O_APPEND overwrote what another had written", remedy: Self.other)
    }
    return .ok(subject, "O_APPEND keeps what others write")
  }

  private func sync(_ subject: String) throws -> Finding {
    let descriptor = try open("sync", O_APPEND)
    defer { system.close(descriptor) }
    let record = [UInt8](repeating: 0x20, count: 700)
    var times: [Double] = []
    for _ in 0..<Self.syncs {
      var written = 0
      try system.writeAll(descriptor, record, written: &written)
      let start = system.monotonicNanoseconds()
      try system.fdatasync(descriptor)
      times.append(Double(system.monotonicNanoseconds() - start) / 1e6)
    }
    times.sort()
    let median = times[times.count / 2]
    let detail =
      "median of \(Self.syncs): \(String(format: "%.2f", median)) ms, "
      + "slowest \(String(format: "%.2f", times[times.count - 1])) ms"
    switch median {
    case ..<Self.syncMillisecondsMin:
      return .warning(
        subject, "\(detail): faster than any disk",
        remedy: "nothing here survives a power cut (tmpfs, or syncs switched off): use a disk")
    case ...Self.syncMillisecondsMax: return .ok(subject, detail)
    default:
      return .warning(
        subject, "\(detail): slow", remedy: "use a faster disk: each answer waits for a sync")
    }
  }

  private func reservation(_ subject: String) throws -> Finding {
    let descriptor = try open("reserved")
    defer { system.close(descriptor) }
    do throws(SystemCallError) {
      try system.fallocate(descriptor, at: 0, count: 1 << 20)
    } catch {
      guard error.errno == EOPNOTSUPP else { throw error }
      return .warning(
        subject, "the file system has no fallocate",
        remedy: "keep more space free: a full disk can cut records short before they are repaired")
    }
    let status = try system.fstat(descriptor)
    guard status.size == 0, status.allocated >= 1 << 20 else {
      return .failed(
        subject, "fallocate reserved \(status.allocated) bytes, size \(status.size)",
        remedy: Self.other)
    }
    return .ok(subject, "fallocate keeps the size")
  }

  private func rename(_ subject: String) throws -> Finding {
    for name in ["old", "new"] {
      let descriptor = try open(name)
      defer { system.close(descriptor) }
      var written = 0
      try system.writeAll(descriptor, Array(name.utf8), written: &written)
      try system.fdatasync(descriptor)
    }
    try system.rename("\(directory)/new", to: "\(directory)/old")
    try system.syncDirectory(directory)
    let descriptor = try open("old")
    defer { system.close(descriptor) }
    guard try content(descriptor) == Array("new".utf8) else {
      return .failed(subject, "a file put in another's place has its content", remedy: Self.other)
    }
    return .ok(subject, "replaces a file, and its directory can be synced")
  }

  /// A file server with another clock would confuse rescued files that are still growing with old ones.
  private func fileTime(_ subject: String) throws -> Finding {
    let before = Int(system.realtimeNanoseconds() / 1_000_000_000)
    let descriptor = try open("time")
    defer { system.close(descriptor) }
    let made = try system.modifiedSeconds("\(directory)/time")
    let after = Int(system.realtimeNanoseconds() / 1_000_000_000)
    // It was made between the two, however long that took.
    let difference = max(before - made, made - after)
    guard difference <= 2 else {
      return .warning(
        subject, "the file system's clock is \(difference) s off",
        remedy: "set both clocks by NTP, or keep the spool on a local disk")
    }
    return .ok(subject, "as this host's clock")
  }
}
