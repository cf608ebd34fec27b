import Notice
import TestSupport
import Testing

struct CRC32CTests {
  /// RFC 3720, appendix B.4, and the check value of the polynomial's catalogue.
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
      (Array("123456789".utf8), 0xE306_9283), ([], 0),
      (
        [
          0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0,
          0, 0x14,
          0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
        ], 0xD996_3A56
      ),
    ] as [([UInt8], UInt32)])
  func `known bytes have the known checksum`(bytes: [UInt8], checksum: UInt32) {
    #expect(CRC32C.checksum(bytes) == checksum)
    #expect(CRC32C.checksum(bytes.span) == checksum)
    #expect(CRC32C.checksumByTables(bytes.span) == checksum)
  }

  /// The definition, a bit at a time.
  @Test func `many bytes a step are the same as one bit a step`() {
    var generator = SeededGenerator(seed: 3720)
    for length in Array(0..<100) + [
      191, 192, 193, 199, 200, 384, 575, 767, 768, 769, 959, 960, 2503,
    ] {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let expected = ~bytes.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
          crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1
        }
      }
      #expect(CRC32C.checksum(bytes) == expected)
      #expect(CRC32C.checksum(([0] + bytes)[1...]) == expected)
      #expect(CRC32C.checksumByTables(bytes.span) == expected)
    }
  }
}
