/// A UUID of version 7 (RFC 9562 §5.7) in its 36-byte text form: milliseconds since 1970, then the rest
/// of the clock in 12 bits (§6.2, method 3), then 62 random bits. Ids made one after the other in one
/// process sort in that order as far as the clock tells them apart.
package struct UUIDv7: Sendable, Equatable {
  package let text: [UInt8]

  package init(nanosecondsSince1970 nanoseconds: Int64, random: UInt64) {
    let milliseconds = UInt64(max(nanoseconds, 0)) / 1_000_000
    let fraction = UInt64(max(nanoseconds, 0)) % 1_000_000 * 4096 / 1_000_000
    var text: [UInt8] = []
    text.reserveCapacity(36)
    Hexadecimal.append(milliseconds >> 16, digits: 8, to: &text)
    text.append(UInt8(ascii: "-"))
    Hexadecimal.append(milliseconds, digits: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Hexadecimal.append(0x7000 | fraction, digits: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Hexadecimal.append(0x8000 | random >> 48 & 0x3FFF, digits: 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Hexadecimal.append(random, digits: 12, to: &text)
    self.text = text
  }
}
