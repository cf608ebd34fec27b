import ArgumentParser
import Foundation
import Spool
import SystemCalls

/// The options by which every command learns which spool is meant.
struct SpoolOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The spool directory. Also: NOTICE_SPOOL, or 'spool' in the file of --config.",
      valueName: "directory"))
  var spool: String?

  @Option(help: ArgumentHelp("The settings, as a YAML file.", valueName: "file"))
  var config: String?

  /// The spool's path, and what else the file of `--config` says: the option counts before the file, and the file before
  /// the environment.
  func read(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SettingsError) -> (spool: String, file: SettingsFile?) {
    let file = try config.map { path throws(SettingsError) in
      try SettingsFile(path: path, environment: environment)
    }
    guard let spool = spool ?? file?.spool ?? environment["NOTICE_SPOOL"], !spool.isEmpty else {
      throw SettingsError("no spool directory: give --spool DIR or set NOTICE_SPOOL")
    }
    return (spool, file)
  }

  /// Where a spool is or shall be.
  func directoryToMake() throws(SettingsError) -> SpoolDirectory {
    SpoolDirectory(try read().spool)
  }

  /// Throws where there is no spool.
  func directory() throws(SettingsError) -> SpoolDirectory {
    let directory = try directoryToMake()
    try Self.require(directory)
    return directory
  }

  static func require(_ directory: SpoolDirectory) throws(SettingsError) {
    let system = LinuxSystemCalls()
    // Another version's spool may look otherwise.
    try directory.requireKnownFormat()
    var isThere = false
    do throws(SystemCallError) {
      _ = try system.lstat(directory.path)
      isThere = true
      if try system.lstat(directory.state).isDirectory { return }
    } catch {
      guard error.isMissing else { throw SettingsError(error.advised) }
    }
    throw SettingsError(
      isThere
        ? "\(directory.path) is no spool: it has no directory 'state': correct the path"
        : "\(directory.path) is not there: correct the path, or start notice-handler, which makes it"
    )
  }
}

extension SpoolDirectory {
  /// Throws where the spool is a later version's.
  func requireKnownFormat() throws(SettingsError) {
    if let later = try? SpoolFormat.later(in: self, LinuxSystemCalls()) {
      throw SettingsError(later.description)
    }
  }
}
