import CZlib

/// zlib's deflate in the gzip format (RFC 1952), of bytes that are all there.
enum Gzip {
  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    // 15 bits of window, and 16 for gzip's header and trailer (zlib.h).
    let result = unsafe deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { fatalError("unable to begin compression: zlib says \(result)") }
    defer { unsafe deflateEnd(&stream) }
    var input = bytes
    return unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      let bound = unsafe Int(deflateBound(&stream, UInt(source.count)))
      return unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
        unsafe stream.next_out = buffer.baseAddress
        unsafe stream.avail_out = UInt32(bound)
        // With room for deflateBound's bytes, one call does all.
        guard unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END else {
          fatalError("unable to compress: zlib wants more room than it said")
        }
        count = unsafe bound - Int(stream.avail_out)
      }
    }
  }
}
