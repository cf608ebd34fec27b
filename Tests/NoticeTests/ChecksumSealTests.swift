import Notice
import Testing

struct ChecksumSealTests {
  @Test func `an object that was closed is verified, and any other is not`() throws {
    var object = Array(#"{"a":1"#.utf8)
    ChecksumSeal.close(&object)
    #expect(String(decoding: object, as: UTF8.self) == #"{"a":1,"crc32c":"149cdbb2"}"#)
    try ChecksumSeal.verify(object.span)
    for index in object.indices {
      for bit in 0..<8 {
        var flipped = object
        flipped[index] ^= 1 << bit
        #expect(throws: ChecksumSeal.Fault.self) { try ChecksumSeal.verify(flipped.span) }
      }
      #expect(throws: ChecksumSeal.Fault.self) {
        try ChecksumSeal.verify(object.span.extracting(first: index))
      }
    }
  }
}
