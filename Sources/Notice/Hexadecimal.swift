/// Fixed-width lowercase hexadecimal, as the spool's formats write it.
enum Hexadecimal {
  /// The last of the value's digits, eight at most, in the place of what stands before `end`.
  @inline(__always)
  static func write(_ value: UInt64, digits: Int, before end: Int, of output: inout [UInt8]) {
    var text = text(UInt32(truncatingIfNeeded: value &<< UInt64(32 - 4 * digits)))
    var bytes = output.mutableSpan
    for index in end - digits..<end {
      bytes[index] = UInt8(truncatingIfNeeded: text)
      text &>>= 8
    }
  }

  /// Eight digits in ASCII, the first one lowest, all worked out at once.
  @inline(__always)
  static func text(_ value: UInt32) -> UInt64 {
    // Each digit in a byte of its own.
    var digits = UInt64(value.byteSwapped)
    digits = (digits | digits &<< 16) & 0x0000_FFFF_0000_FFFF
    digits = (digits | digits &<< 8) & 0x00FF_00FF_00FF_00FF
    digits = (digits &>> 4 | digits &<< 8) & 0x0F0F_0F0F_0F0F_0F0F
    // Those from ten on reach the fifth bit when six is added.
    let letters = (digits &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
    let zeros: UInt64 = 0x3030_3030_3030_3030
    return digits &+ zeros &+ letters &* UInt64(UInt8(ascii: "a") - 10 - UInt8(ascii: "0"))
  }
}
