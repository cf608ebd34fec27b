/// Fixed-width lowercase hexadecimal, as the spool's formats write it.
enum Hexadecimal {
  static func append(_ value: some FixedWidthInteger, digits: Int, to output: inout [UInt8]) {
    for digit in (0..<digits).reversed() {
      output.append(alphabet[Int(truncatingIfNeeded: value >> (4 * digit)) & 15])
    }
  }

  private static let alphabet = Array("0123456789abcdef".utf8)
}
