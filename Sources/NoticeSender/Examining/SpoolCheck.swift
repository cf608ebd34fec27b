import Glibc
import Spool
import SystemCalls

/// Whether a sender could work on a spool now: its directories, and its lock.
struct SpoolCheck {
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  init(_ spool: String, _ system: any SystemCalls = LinuxSystemCalls()) {
    directory = SpoolDirectory(spool)
    self.system = system
  }

  func findings() -> [Finding] {
    guard PathAccess.exists(directory.path) else {
      let parent = PathAccess.parent(of: directory.path)
      if let fault = PathAccess.directoryFault(parent) {
        return [
          .failed(
            "spool", "\(directory.path) is not there, and cannot be made in \(parent): \(fault)",
            remedy: "make it, for the user that handler and sender run as")
        ]
      }
      return [
        .warning(
          "spool", "\(directory.path) is not there",
          remedy: "start notice-handler, or notice-sender run: both make it")
      ]
    }
    let parts = [
      directory.segments, directory.state, directory.dead, directory.archive, directory.quarantine,
      directory.rescue,
    ]
    let faults = ([directory.path] + parts.filter(PathAccess.exists)).compactMap { path in
      PathAccess.directoryFault(path).map {
        Finding.failed("spool", "\(path): \($0)", remedy: Self.remedy)
      }
    }
    return (faults.isEmpty ? [readable] : faults) + [lock]
  }

  private static let remedy =
    "run the sender as the user that owns the spool: see notice-sender doctor"

  private var readable: Finding {
    do throws(SystemCallError) {
      if let later = try SpoolFormat.later(in: directory, system) {
        return .failed("spool", later.fault, remedy: later.remedy)
      }
      let names = PathAccess.exists(directory.segments) ? try directory.segmentNames(system) : []
      return .ok("spool", "\(directory.path), \(names.count) segments")
    } catch {
      return .failed("spool", "\(error)", remedy: Self.remedy)
    }
  }

  /// A sender that runs is no fault: settings are checked before it is told to read them again.
  private var lock: Finding {
    do throws(SystemCallError) {
      guard let holder = try SenderLock.holder(directory, system) else {
        return .ok("lock", "free")
      }
      return .ok("lock", "\(directory.state)/lock is held by process \(holder): a sender runs")
    } catch {
      return .failed("lock", "\(error)", remedy: Self.remedy)
    }
  }
}
