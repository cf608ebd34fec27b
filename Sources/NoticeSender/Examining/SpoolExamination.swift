import Foundation
import Notice
import Spool
import SystemCalls

/// Who owns a spool's directories and files, who else can read them, and whether their times can be right.
struct SpoolExamination {
  private let directory: SpoolDirectory
  private let system: any SystemCalls

  init(_ directory: SpoolDirectory, _ system: any SystemCalls = LinuxSystemCalls()) {
    self.directory = directory
    self.system = system
  }

  func findings() -> [Finding] { [modes, owners, rescue, times].compactMap { $0 } }

  private var directories: [String] {
    [
      directory.path, directory.segments, directory.state, directory.dead, directory.archive,
      directory.quarantine, directory.rescue,
    ].filter(PathAccess.exists)
  }

  /// A notice holds personal data and the platform's credential.
  private var modes: Finding {
    do throws(SystemCallError) {
      var open: [String] = []
      for path in directories {
        if try system.lstat(path).mode & 0o007 != 0 { open.append(path) }
        for name in try system.list(path) {
          let status = try system.lstat("\(path)/\(name)")
          if status.isRegularFile, status.mode & 0o007 != 0 { open.append("\(path)/\(name)") }
        }
      }
      guard let first = open.first else { return .ok("modes", "closed to others") }
      let others = open.count > 1 ? " and \(open.count - 1) more" : ""
      return .warning(
        "modes", "open to everybody: \(first)\(others)",
        remedy: "chmod -R o-rwx \(directory.path): notices are personal")
    } catch {
      return .failed(
        "modes", "\(error)", remedy: "run this as the user that owns the spool, or as root")
    }
  }

  private var owners: Finding? {
    let owners = Dictionary(
      grouping: directories.filter { $0 != directory.rescue }, by: { owner(of: $0) ?? "?" })
    guard owners.count > 1 else { return owners.keys.first.map { .ok("owner", $0) } }
    return .warning(
      "owner",
      owners.map { "\($0.key): \($0.value.joined(separator: " "))" }.sorted().joined(
        separator: "; "),
      remedy:
        "let one user own all: chown -R USER \(directory.path); rescue/ belongs to nginx's user")
  }

  private var rescue: Finding? {
    guard PathAccess.exists(directory.rescue), let owner = owner(of: directory.rescue) else {
      return nil
    }
    guard PathAccess.directoryFault(directory.rescue) == nil else {
      return .failed(
        "rescue/", "belongs to \(owner), and this user may not take bodies from it",
        remedy: "give nginx's user and the sender's a group in common, and the directory 2770")
    }
    return .ok("rescue/", "belongs to \(owner); nginx's worker has to be able to write there")
  }

  private func owner(of path: String) -> String? {
    guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
    let user = found[.ownerAccountName] as? String ?? "\(found[.ownerAccountID] ?? "?")"
    let group = found[.groupOwnerAccountName] as? String ?? "\(found[.groupOwnerAccountID] ?? "?")"
    return "\(user):\(group)"
  }

  /// A clock that was set back makes ids and names run backwards.
  private var times: Finding? {
    guard PathAccess.exists(directory.segments),
      let newest = try? directory.highestSegment(system)
    else { return nil }
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    guard newest.createdAt.milliseconds <= now.milliseconds + 2000 else {
      return .warning(
        "segments", "\(newest) is from the future",
        remedy: "the clock was set back, or is wrong now: see that it is kept by NTP")
    }
    return .ok("segments", "the newest is \(newest)")
  }
}
