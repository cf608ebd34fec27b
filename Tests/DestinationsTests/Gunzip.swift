import CZlib

/// What a receiver makes of `Content-Encoding: gzip`: one whole gzip member, or nil.
enum Gunzip {
  static func bytes(_ compressed: [UInt8]) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var input = compressed
    return unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      var output: [UInt8] = []
      var result = Z_OK
      while result == Z_OK {
        output += unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
          unsafe stream.next_out = buffer.baseAddress
          unsafe stream.avail_out = UInt32(buffer.count)
          result = unsafe inflate(&stream, Z_NO_FLUSH)
          count = unsafe buffer.count - Int(stream.avail_out)
        }
      }
      return unsafe result == Z_STREAM_END && stream.avail_in == 0 ? output : nil
    }
  }
}
