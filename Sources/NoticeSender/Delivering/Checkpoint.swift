import Foundation
import Notice
import Spool

/// How far a destination has come: everything before `position` is settled, except what `unsettled` lists. One line of
/// JSON in `state/<destination>.json`, ended by a checksum as a record is:
///
///     {"counts":{"damaged":0,"dead":1,"delivered":1200,"filtered":0},"destination":"crm",
///      "position":{"offset":4711,"segment":42},
///      "unsettled":[{"failures":2,"firstFailureAt":"…","nextAttemptAt":"…","othersDelivered":true,"position":{…}}],
///      "updatedAt":"…","version":1,"crc32c":"9ae0daaf"}
struct Checkpoint: Sendable, Equatable, Codable {
  /// A record that was read and is neither delivered nor given up.
  struct Unsettled: Sendable, Equatable, Codable {
    var position: SpoolPosition
    var failures: Int
    var firstFailureAt: Timestamp?
    var nextAttemptAt: Timestamp?
    /// Others were delivered since it first failed.
    var othersDelivered: Bool?
  }

  /// What became of the records that a destination has read.
  struct Counts: Sendable, Equatable, Codable {
    var delivered = 0
    var filtered = 0
    var dead = 0
    /// Lines that were no records.
    var damaged = 0
  }

  static let versionKnown = 1

  var version = Checkpoint.versionKnown
  let destination: String
  var position: SpoolPosition
  var counts = Counts()
  var unsettled: [Unsettled] = []
  var updatedAt = Timestamp(milliseconds: 0)

  /// The lowest segment that is still needed.
  var segmentNeeded: Int {
    unsettled.reduce(position.segment) { min($0, $1.position.segment) }
  }

  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = Array(try encoder.encode(self))
    line.removeLast()
    ChecksumSeal.close(&line)
    return line + [UInt8(ascii: "\n")]
  }

  init(destination: String, position: SpoolPosition) {
    self.destination = destination
    self.position = position
  }

  /// Reads what ``encoded()`` wrote; throws on anything else.
  init(decoding line: [UInt8]) throws {
    let object = line.dropLast()
    try ChecksumSeal.verify(object.span)
    self = try JSONDecoder().decode(Checkpoint.self, from: Data(line))
    guard version <= Self.versionKnown else { throw UnknownVersion(version: version) }
  }

  struct UnknownVersion: Error, CustomStringConvertible {
    let version: Int
    var description: String { "it was written by a later version (format \(version))" }
  }
}
