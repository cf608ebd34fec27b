import CZlib

/// zlib's deflate in the gzip format (RFC 1952).
@safe struct Deflater: ~Copyable {
  static let chunkBytes = 128 << 10
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init() {
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

  /// All output that `input` gives up to now.
  mutating func deflate(_ input: [UInt8], finishing: Bool) -> [UInt8] {
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
