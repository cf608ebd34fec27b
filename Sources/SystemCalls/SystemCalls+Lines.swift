import Glibc

extension SystemCalls {
  /// Where the last whole line of a file of `size` bytes ends; 0 where there is none.
  package func lineEnd(of descriptor: Int32, size: Int) throws(SystemCallError) -> Int {
    // The usual case needs one byte; a torn line is looked through backwards in steps that grow.
    var end = size
    var step = 1
    while end > 0 {
      let start = max(0, end - step)
      let bytes = try readAll(descriptor, start..<end)
      if let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
      end = start
      step = min(step * 64, 1 << 20)
    }
    return 0
  }

  /// All bytes of the range: one that was left out might be the newline that makes the others final.
  package func readAll(
    _ descriptor: Int32, _ range: Range<Int>
  ) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < range.count {
      let count = try pread(
        descriptor, appendingTo: &bytes, count: range.count - bytes.count,
        at: range.lowerBound + bytes.count)
      guard count > 0 else { throw SystemCallError("pread", "a file cut meanwhile", errno: EIO) }
    }
    return bytes
  }
}
