import Foundation
import Logging
import Spool
import SystemCalls

/// The checkpoint of one destination on disk. What cannot be read is set aside, never trusted and never
/// thrown away.
struct CheckpointStore {
  private let destination: String
  private let file: AtomicFile
  private let log: Logger

  /// `log` is told of what is set aside.
  init(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls,
    _ log: Logger = Logger(label: "notice-sender") { _ in SwiftLogNoOpLogHandler() }
  ) {
    self.destination = destination
    self.log = log
    file = AtomicFile("\(destination).json", in: directory.state, system)
  }

  /// The last checkpoint; after damage the one before, which repeats some deliveries; without either, a
  /// beginning at the oldest segment. A checkpoint of a later version is an error: to begin anew would be
  /// to repeat everything.
  func load() throws -> Checkpoint {
    for path in [file.path, file.previousPath] {
      guard let bytes = try file.read(path) else { continue }
      do {
        return try Checkpoint(decoding: bytes)
      } catch let error as Checkpoint.UnknownVersion {
        throw UnusableCheckpoint(path: path, reason: error.description)
      } catch {
        try file.setAside(path)
        log.error(
          "\(path) is damaged and was set aside as \(path).damaged; deliveries since the checkpoint before it are repeated"
        )
      }
    }
    return Checkpoint(destination: destination, position: SpoolPosition(segment: 0, offset: 0))
  }

  /// The last checkpoint that can be read, for one who is not its sender: nothing is changed.
  func peek() throws -> Checkpoint? {
    var reason: (any Error)?
    for path in [file.path, file.previousPath] {
      guard let bytes = try file.read(path) else { continue }
      do {
        return try Checkpoint(decoding: bytes)
      } catch {
        reason = error
      }
    }
    if let reason { throw UnusableCheckpoint(path: file.path, reason: "\(reason)") }
    return nil
  }

  func save(_ checkpoint: Checkpoint) throws {
    try file.replace(checkpoint.encoded())
  }
}

struct UnusableCheckpoint: Error, CustomStringConvertible {
  let path: String
  let reason: String
  var description: String { "unable to use \(path): \(reason)" }
}
