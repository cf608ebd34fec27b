import CZlib

/// zlib's deflate in the gzip format (RFC 1952).
@safe package struct Deflater: ~Copyable {
  /// What is well given and taken in one go.
  package static let chunkBytes = 128 << 10
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  package init() {
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip's header and trailer (zlib.h).
    let result = unsafe deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { fatalError("unable to begin compression: zlib says \(result)") }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// `bytes` as one whole member.
  package static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var deflater = Deflater()
    return deflater.deflate(bytes, finishing: true)
  }

  /// All output that `input` gives up to now.
  package mutating func deflate(_ input: [UInt8], finishing: Bool) -> [UInt8] {
    var input = input
    var output: [UInt8] = []
    return unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe stream.pointee.next_in = source.baseAddress
      unsafe stream.pointee.avail_in = UInt32(source.count)
      var isFull = true
      while isFull {
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = UInt32(Self.chunkBytes)
          _ = unsafe CZlib.deflate(stream, finishing ? Z_FINISH : Z_NO_FLUSH)
          count = unsafe Self.chunkBytes - Int(stream.pointee.avail_out)
        }
        isFull = chunk.count == Self.chunkBytes
        output += chunk
      }
      return output
    }
  }
}
