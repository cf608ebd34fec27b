import Spool
import SystemCalls

/// The destinations that a spool knows, whatever the settings say: those that have a checkpoint or dead letters.
struct KnownDestinations {
  let names: [String]

  init(_ directory: SpoolDirectory, _ system: any SystemCalls) throws(SystemCallError) {
    let checkpoints = try system.list(directory.state).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
    let dead = try system.list(directory.dead).filter { $0.hasSuffix(".ndjson") }
      .map { String($0.dropLast(7)) }
    names = Set(checkpoints + dead).sorted()
  }

  /// Throws, and says which there are, where there is none of that name.
  func require(_ name: String) throws(SettingsError) {
    guard names.contains(name) else {
      throw SettingsError(
        names.isEmpty
          ? "the spool knows no destination yet"
          : "the spool knows no destination '\(name)', but \(names.joined(separator: ", "))")
    }
  }
}
