import Glibc

/// The writing end of a child's standard input: as much as the pipe takes at a time, then its end.
struct InputPipe {
  private var descriptor: Int32?
  private let bytes: [UInt8]
  private var written = 0

  init(descriptor: Int32, bytes: [UInt8]) {
    self.descriptor = descriptor
    self.bytes = bytes
  }

  /// The descriptor, as long as there is something to write.
  var waiting: [Int32] { descriptor.map { [$0] } ?? [] }

  mutating func write() {
    while let descriptor {
      let count = unsafe bytes.span.extracting(written...).withUnsafeBufferPointer {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 { written += count }
      // A child that reads no more says by its exit status what that means.
      let isBroken = count < 0 && errno != EAGAIN && errno != EINTR
      if isBroken || written == bytes.count { close() }
      if count < 0 { return }
    }
  }

  mutating func close() {
    if let descriptor { _ = Glibc.close(descriptor) }
    descriptor = nil
  }
}
