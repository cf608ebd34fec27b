import Foundation
import Notice

/// A value as one line of JSON with sorted keys that ends in the checksum of itself, as a record does.
enum SealedJSON {
  /// The value has at least one member.
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = Array(try encoder.encode(value))
    line.removeLast()
    ChecksumSeal.close(&line)
    return line + [UInt8(ascii: "\n")]
  }

  /// Throws where the line is not what ``encode(_:)`` wrote.
  static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
    let object = line.dropLast()
    try ChecksumSeal.verify(object.span)
    return try JSONDecoder().decode(type, from: Data(line))
  }
}
