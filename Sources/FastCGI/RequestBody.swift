/// A request's body, or why there is no whole one: part of a body is never passed on as a body.
package enum RequestBody: Equatable, Sendable {
  case whole([UInt8])
  /// The peer ended, failed or fell silent before the announced length; `expected` is nil where no
  /// length was announced.
  case cutShort([UInt8], expected: Int?)
  /// Larger than allowed; `start` holds its first ``bytesKeptMax`` bytes, `expected` the announced
  /// length.
  case tooLarge(start: [UInt8], expected: Int?)

  /// How much of a body over the limit is read for keeping.
  package static let bytesKeptMax = 65_536

  /// What a gateway gives when asked for up to so many bytes.
  enum Chunk {
    case bytes([UInt8])
    case end
    case failed
  }

  /// Reads a body of the length that `CONTENT_LENGTH` declares, and not a byte more (RFC 3875 §4.2);
  /// without a valid length, all that comes.
  static func read(
    declared: String?, bytesMax: Int, next: (_ bytesMax: Int) -> Chunk
  ) -> RequestBody {
    guard let length = length(declared) else {
      let (bytes, failed) = collect(bytesMax + 1, next)
      if bytes.count > bytesMax {
        return .tooLarge(start: Array(bytes.prefix(bytesKeptMax)), expected: nil)
      }
      return failed ? .cutShort(bytes, expected: nil) : .whole(bytes)
    }
    guard length <= bytesMax else {
      return .tooLarge(start: collect(min(length, bytesKeptMax), next).bytes, expected: length)
    }
    let bytes = collect(length, next).bytes
    return bytes.count == length ? .whole(bytes) : .cutShort(bytes, expected: length)
  }

  /// Digits only; a number beyond every limit is as good as the largest one.
  private static func length(_ declared: String?) -> Int? {
    guard let declared, !declared.isEmpty,
      declared.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(declared) ?? .max
  }

  private static func collect(
    _ count: Int, _ next: (_ bytesMax: Int) -> Chunk
  ) -> (bytes: [UInt8], failed: Bool) {
    var bytes: [UInt8] = []
    while bytes.count < count {
      // In steps: an announced length alone takes up no memory.
      switch next(min(count - bytes.count, bytesKeptMax)) {
      // Nearly always the first is all.
      case .bytes(let more): if bytes.isEmpty { bytes = more } else { bytes += more }
      case .end: return (bytes, false)
      case .failed: return (bytes, true)
      }
    }
    return (bytes, false)
  }
}
