import ArgumentParser
import Foundation
import Glibc
import Spool
import SystemCalls

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Try whether this host keeps what is promised: file system, locks, syncs, space.",
    discussion: """
      Works in a directory of its own in the spool, or, where there is no spool yet, in the nearest directory above \
      it; that directory is removed at the end. Leaves with 0, or with 111 when something failed.
      """)

  @OptionGroup var options: SpoolOptions

  func run() throws {
    let findings = try Self.findings(options.directoryToMake())
    print(Finding.table(findings), terminator: "")
    if findings.contains(where: { $0.grade == .failed }) { throw ExitCode(111) }
  }

  static func findings(_ spool: SpoolDirectory) throws -> [Finding] {
    let system = LinuxSystemCalls()
    if let later = try? SpoolFormat.later(in: spool, system) {
      return [.failed("spool", later.fault, remedy: later.remedy)]
    }
    var place = spool.path
    while !PathAccess.exists(place), place != PathAccess.parent(of: place) {
      place = PathAccess.parent(of: place)
    }
    let ground = "\(place)/.notice-doctor-\(getpid())"
    do throws(SystemCallError) {
      try system.mkdir(ground, mode: 0o700)
    } catch {
      return [
        .failed(
          "spool", "\(error)",
          remedy: "run this as the user that owns the spool, or name another with --spool")
      ]
    }
    defer { try? FileManager.default.removeItem(atPath: ground) }
    let isThere = place == spool.path
    return [
      isThere
        ? .ok("spool", spool.path)
        : .warning(
          "spool", "\(spool.path) is not there: \(place) is examined in its place",
          remedy: "start notice-handler, or notice-sender run: both make it")
    ]
      + HostExamination(ground).findings() + FileSystemExamination(ground, system).findings()
      + (isThere ? SpoolExamination(spool, system).findings() : [])
  }
}
