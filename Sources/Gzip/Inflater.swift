import CZlib

/// zlib's inflate of the gzip format (RFC 1952), of one member after the other.
@safe package struct Inflater: ~Copyable {
  /// The bytes are not, or no longer, what compression wrote.
  package struct Damaged: Error {
    package init() {}
  }

  private static let chunkBytes = 256 << 10
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  /// A member has begun and not ended.
  package private(set) var isInside = false

  package init() {
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip's header and trailer (zlib.h).
    let result = unsafe inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { fatalError("unable to begin inflating: zlib says \(result)") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// All output that `input` gives, appended to `output`.
  package mutating func inflate(_ input: [UInt8], into output: inout [UInt8]) throws(Damaged) {
    var input = input
    var rest = input.count
    while rest > 0 {
      var result = Z_OK
      let start = input.count - rest
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
        unsafe input.withUnsafeMutableBufferPointer { source in
          unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + start }
          unsafe stream.pointee.avail_in = UInt32(rest)
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = UInt32(Self.chunkBytes)
          result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
          rest = unsafe Int(stream.pointee.avail_in)
          unsafe stream.pointee.next_in = nil
        }
        count = unsafe Self.chunkBytes - Int(stream.pointee.avail_out)
      }
      output += chunk
      switch result {
      case Z_OK: isInside = true
      case Z_STREAM_END:
        isInside = false
        unsafe inflateReset(stream)
      default: throw Damaged()
      }
    }
  }
}
