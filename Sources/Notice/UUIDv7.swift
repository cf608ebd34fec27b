/// A UUID of version 7 (RFC 9562 §5.7) in its 36-byte text form: milliseconds since 1970, then the rest
/// of the clock in 12 bits (§6.2, method 3), then 62 random bits. Ids made one after the other in one
/// process sort in that order as far as the clock tells them apart.
package struct UUIDv7: Sendable, Equatable {
  private let milliseconds: UInt64
  /// Of the millisecond, in 4096 parts.
  private let fraction: UInt64
  private let random: UInt64

  package init(nanosecondsSince1970 nanoseconds: Int64, random: UInt64) {
    milliseconds = UInt64(max(nanoseconds, 0)) / 1_000_000
    fraction = UInt64(max(nanoseconds, 0)) % 1_000_000 * 4096 / 1_000_000
    self.random = random
  }

  /// How long its text is.
  package static let textCount = 36

  /// Its text in the place of ``textCount`` bytes from `start` on.
  package func write(to text: inout [UInt8], at start: Int) {
    Hexadecimal.write(milliseconds >> 16, digits: 8, before: start + 8, of: &text)
    Hexadecimal.write(milliseconds, digits: 4, before: start + 13, of: &text)
    Hexadecimal.write(0x7000 | fraction, digits: 4, before: start + 18, of: &text)
    Hexadecimal.write(0x8000 | random >> 48 & 0x3FFF, digits: 4, before: start + 23, of: &text)
    Hexadecimal.write(random >> 16, digits: 8, before: start + 32, of: &text)
    Hexadecimal.write(random, digits: 4, before: start + 36, of: &text)
    for dash in [8, 13, 18, 23] { text[start + dash] = UInt8(ascii: "-") }
  }
}
