private import CProcessor

/// The Castagnoli checksum (RFC 3720 §12.1, polynomial 0x1EDC6F41, reflected): by the processor's own instructions where it
/// has them, otherwise eight bytes a step by eight tables.
package enum CRC32C {
  package static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
    bytes.withContiguousStorageIfAvailable { buffer in
      unsafe checksum(buffer.span)
    } ?? checksum(Array(bytes).span)
  }

  package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    guard hasInstruction else { return checksumByTables(bytes) }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      ~(unsafe cprocessor_crc32c(0xFFFF_FFFF, bytes.baseAddress, bytes.count))
    }
  }

  private static let hasInstruction = cprocessor_has_crc32c()

  /// For a processor without the instruction.
  package static func checksumByTables(_ bytes: Span<UInt8>) -> UInt32 {
    let tables = tables.span
    var crc: UInt32 = 0xFFFF_FFFF
    var index = 0
    let raw = unsafe bytes.bytes
    while index + 8 <= bytes.count {
      // Safe: the eight bytes lie inside, and any bits make an integer.
      let word = unsafe UInt64(
        littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
      let mixed = word ^ UInt64(crc)
      crc = 0
      for step in 0..<8 {
        crc ^= tables[(7 - step) * 256 + Int(truncatingIfNeeded: mixed >> (8 * step)) & 0xFF]
      }
      index += 8
    }
    while index < bytes.count {
      crc = tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ (crc >> 8)
      index += 1
    }
    return ~crc
  }

  /// Table `k` at `k * 256`: the checksum's change by a byte that `k` more bytes follow.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<2048 {
      let crc = tables[index - 256]
      tables[index] = tables[Int(crc & 0xFF)] ^ (crc >> 8)
    }
    return tables
  }()
}
