/// Fixed-width lowercase hexadecimal, as the spool's formats write it.
enum Hexadecimal {
  static func append(_ value: some FixedWidthInteger, digits: Int, to output: inout [UInt8]) {
    let end = output.count + digits
    output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
    write(value, digits: digits, before: end, of: &output)
  }

  /// In the place of what stands there.
  static func write(
    _ value: some FixedWidthInteger, digits: Int, before end: Int, of output: inout [UInt8]
  ) {
    var bytes = output.mutableSpan
    for place in 0..<digits { bytes[end - 1 - place] = digit(value, place) }
  }

  /// The digit that `place` others follow.
  @inline(__always)
  static func digit(_ value: some FixedWidthInteger, _ place: Int) -> UInt8 {
    let nibble = UInt8(truncatingIfNeeded: value >> (4 * place)) & 15
    return nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }
}
