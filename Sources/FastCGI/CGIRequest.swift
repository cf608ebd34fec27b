import Glibc

/// The one request of a plain CGI process (RFC 3875): parameters in the environment, the body on
/// descriptor 0, the answer to descriptor 1.
package struct CGIRequest: Request {
  /// How long the web server may keep the body waiting.
  private static let silenceSecondsMax: Int32 = 60

  package init() {}

  package func parameter(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  package func readBody(bytesMax: Int) -> RequestBody {
    .read(declared: parameter("CONTENT_LENGTH"), bytesMax: bytesMax, next: readChunk)
  }

  private func readChunk(_ count: Int) -> RequestBody.Chunk {
    var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, Self.silenceSecondsMax * 1000) > 0 else { return .failed }
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = unsafe read(STDIN_FILENO, buffer.baseAddress, count)
      initialized = max(result, 0)
    }
    return result > 0 ? .bytes(bytes) : result == 0 ? .end : .failed
  }

  /// Returns whether the web server took the whole answer.
  @discardableResult
  package func answer(_ response: Response) -> Bool {
    let bytes = response.bytes
    var written = 0
    while written < bytes.count {
      let result = unsafe bytes.withUnsafeBytes {
        unsafe write(STDOUT_FILENO, $0.baseAddress! + written, bytes.count - written)
      }
      guard result > 0 else { return false }
      written += result
    }
    return true
  }
}
