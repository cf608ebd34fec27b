import JSONText

/// The end of a JSON object that carries its own checksum: `,"crc32c":"9ae0daaf"}`, over every byte before it. A
/// record ends so, and so does every file of the spool that is replaced as a whole.
package enum ChecksumSeal {
  package enum Fault: Error {
    case missing, wrong
  }

  private static let key: StaticString = ",\"crc32c\":\""
  private static let byteCount = key.utf8CodeUnitCount + 10

  /// Closes `object`, an object with members whose last brace is not written yet.
  package static func close(_ object: inout [UInt8]) {
    let checksum = CRC32C.checksum(object)
    object.append(literal: ",\"crc32c\":\"00000000\"}")
    Hexadecimal.write(UInt64(checksum), digits: 8, before: object.count - 2, of: &object)
  }

  /// Throws where `object` does not end in the checksum of what stands before.
  package static func verify(_ object: Span<UInt8>) throws(Fault) {
    let start = object.count - byteCount
    let digits = object.count - 10
    guard start > 0, object.extracting(start..<digits).isEqual(to: key),
      object.extracting((digits + 8)...).isEqual(to: "\"}")
    else { throw .missing }
    let checksum = CRC32C.checksum(object.extracting(0..<start))
    guard object.word(at: digits) == Hexadecimal.text(checksum) else { throw .wrong }
  }
}
