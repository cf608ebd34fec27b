import Gzip

@testable import Spool

/// A compressed segment: any bytes; or one that was compressed here and then cut or changed. The lines that come out before the
/// damage is seen are those that went in.
enum GzipFuzz {
  static func run(_ input: [UInt8]) throws {
    guard input.count > 2 else { return }
    let rest = Array(input.dropFirst(3))
    guard input[0] % 2 == 1 else {
      _ = try? lines(of: rest)
      return
    }

    var compressed = Deflater.compressed(rest)
    let place = (Int(input[1]) << 8 | Int(input[2])) % compressed.count
    let whole = try lines(of: compressed)
    try expect(
      Array(whole.joined(separator: [0x0A])) + tail(rest) == rest, "what went in comes out")
    compressed.removeLast(compressed.count - place)
    let cut = Result { try lines(of: compressed) }
    if case .success = cut { try expect(place == 0, "a cut is seen") }
  }

  /// What stands behind the last newline, with that newline.
  private static func tail(_ bytes: [UInt8]) -> [UInt8] {
    guard let newline = bytes.lastIndex(of: 0x0A) else { return bytes }
    return Array(bytes[newline...])
  }

  private static func lines(of compressed: [UInt8]) throws -> [[UInt8]] {
    let files = MemoryFiles(["/a.gz": compressed])
    let source = try LineSource(path: "/a.gz", files)
    var lines: [[UInt8]] = []
    while let line = try source.next() { lines.append(Array(line)) }
    return lines
  }
}
