import Glibc

extension SystemCalls {
  /// Makes the names in a directory durable.
  package func syncDirectory(_ path: String) throws(SystemCallError) {
    let descriptor = try open(path, O_RDONLY | O_DIRECTORY, mode: 0)
    defer { close(descriptor) }
    try fsync(descriptor)
  }

  /// Writes all of `bytes` by as many calls as it takes. `written` counts what was taken, also where one fails.
  package func writeAll(
    _ descriptor: Int32, _ bytes: [UInt8], written: inout Int
  ) throws(SystemCallError) {
    while written < bytes.count {
      written += try write(descriptor, bytes.span.extracting(written...))
    }
  }
}
