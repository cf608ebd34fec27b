/// Fixed-width lowercase hexadecimal, as the spool's formats write it.
enum Hexadecimal {
  static func append(_ value: some FixedWidthInteger, digits: Int, to output: inout [UInt8]) {
    for place in (0..<digits).reversed() { output.append(digit(value, place)) }
  }

  /// The digit that `place` others follow.
  static func digit(_ value: some FixedWidthInteger, _ place: Int) -> UInt8 {
    let nibble = UInt8(truncatingIfNeeded: value >> (4 * place)) & 15
    return nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }
}
