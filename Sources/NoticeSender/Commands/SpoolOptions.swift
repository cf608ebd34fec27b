import ArgumentParser
import Foundation
import Spool
import SystemCalls

/// The option by which commands that need no destination learn which spool is meant.
struct SpoolOptions: ParsableArguments {
  @Option(help: "The spool directory. Also: NOTICE_SPOOL, or 'spool' in the file of --config.")
  var spool: String?

  @Option(help: ArgumentHelp("The settings, as a YAML file.", valueName: "file"))
  var config: String?

  /// Throws where there is no spool.
  func directory() throws(SettingsError) -> SpoolDirectory {
    let directory = try directoryToMake()
    guard (try? LinuxSystemCalls().lstat(directory.state))?.isDirectory == true else {
      throw SettingsError("\(directory.path) is no spool: it has no directory 'state'")
    }
    return directory
  }

  /// Where a spool is or shall be.
  func directoryToMake(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SettingsError) -> SpoolDirectory {
    let file = try config.map { path throws(SettingsError) in
      try SettingsFile(path: path, environment: environment)
    }
    guard let spool = spool ?? file?.spool ?? environment["NOTICE_SPOOL"], !spool.isEmpty else {
      throw SettingsError("no spool directory: give --spool DIR or set NOTICE_SPOOL")
    }
    return SpoolDirectory(spool)
  }
}
