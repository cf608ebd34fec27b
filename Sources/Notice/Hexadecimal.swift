/// Fixed-width lowercase hexadecimal, as the spool's formats write it.
enum Hexadecimal {
  static func append(_ value: some FixedWidthInteger, digits: Int, to output: inout [UInt8]) {
    for digit in (0..<digits).reversed() {
      let nibble = UInt8(truncatingIfNeeded: value >> (4 * digit)) & 15
      output.append(nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
    }
  }
}
