import Glibc

/// The one request of a plain CGI process (RFC 3875): parameters in the environment, the body on
/// descriptor 0, the answer to descriptor 1.
package final class CGIRequest: Request {
  /// How long the web server may keep the body waiting.
  private static let silenceSecondsMax: Int32 = 60
  /// How much is still read of a body that nobody wants, and how long may pass between its parts.
  private static let discardedBytesMax = 16 << 20
  private static let discardSilenceMilliseconds: Int32 = 2000

  private var receivedBytes = 0

  package init() {}

  package func parameter(_ name: StaticString) -> String? {
    unsafe getenv(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
      .map { unsafe String(cString: $0) }
  }

  package func readBody(bytesMax: Int) -> RequestBody {
    .read(declared: parameter("CONTENT_LENGTH"), bytesMax: bytesMax) { count in
      readChunk(count, milliseconds: Self.silenceSecondsMax * 1000)
    }
  }

  private func readChunk(_ count: Int, milliseconds: Int32) -> RequestBody.Chunk {
    var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, milliseconds) > 0 else { return .failed }
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = unsafe read(STDIN_FILENO, buffer.baseAddress, count)
      initialized = max(result, 0)
    }
    receivedBytes += bytes.count
    return result > 0 ? .bytes(bytes) : result == 0 ? .end : .failed
  }

  /// Returns whether the web server took the whole answer.
  @discardableResult
  package static func answer(_ response: Response) -> Bool {
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

  /// Takes the rest of the body, once the answer is given. A web server that writes the whole body before it reads
  /// the answer (Apache's mod_cgid) answers 500 instead, or nothing, when the program is gone by then.
  package func discardRest() {
    let length = parameter("CONTENT_LENGTH").flatMap { Int($0) } ?? .max
    let end = min(length, receivedBytes + Self.discardedBytesMax)
    while receivedBytes < end,
      case .bytes = readChunk(
        min(end - receivedBytes, RequestBody.bytesKeptMax),
        milliseconds: Self.discardSilenceMilliseconds)
    {}
  }
}
