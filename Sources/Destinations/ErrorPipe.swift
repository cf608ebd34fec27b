import Glibc
import Notice

/// The reading end of a child's standard error, of which only the end is kept.
struct ErrorPipe {
  private var descriptor: Int32?
  private var tail: [UInt8] = []

  static let tailBytesMax = 4096
  /// Of the last line, as far as it goes into a reason.
  static let lineCharactersMax = 500
  /// What is read at a time; a child that never stops is not listened to for ever.
  private static let pieceBytes = 16 << 10
  private static let piecesMax = 16

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The descriptor, as long as something may come.
  var waiting: [Int32] { descriptor.map { [$0] } ?? [] }

  mutating func read() {
    for _ in 0..<Self.piecesMax {
      guard let descriptor else { return }
      var result = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
        result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        count = max(0, result)
      }
      if result < 0 { return }
      if result == 0 { close() }
      tail = (tail + piece).suffix(Self.tailBytesMax)
    }
  }

  /// Without control characters; empty where there is none.
  var lastLine: String {
    let isBreak = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    guard let line = tail.split(whereSeparator: isBreak).last else { return "" }
    return String(
      OneLine.shown(String(decoding: line, as: UTF8.self)).prefix(Self.lineCharactersMax))
  }

  mutating func close() {
    if let descriptor { _ = Glibc.close(descriptor) }
    descriptor = nil
  }
}
