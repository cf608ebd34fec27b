import Glibc
import Gzip
package import SystemCalls

/// The lines of a file, one after the other; those of one that is compressed by gzip as they were before. Used by one
/// thread.
package final class LineSource {
  private let descriptor: Int32
  private let path: String
  private let system: any SystemCalls
  private var inflater: InflaterBox?
  /// Where the next bytes are read; nil: wherever the descriptor stands (a pipe).
  private var readOffset: Int?
  private var buffer: [UInt8] = []
  private var taken = 0
  /// Bytes up to here hold no newline that was not taken.
  private var searched = 0
  private var isAtEnd = false
  /// Where the next line begins, in bytes of the file's content.
  package private(set) var offset: Int

  private static let readBytes = 256 << 10

  private final class InflaterBox {
    var inflater = Inflater()
  }

  /// A name that ends in `.gz` is that of a compressed file. `offset` is where a line begins. `following`: also where the name
  /// is that of a symbolic link, or of a pipe.
  package init(
    path: String, from offset: Int = 0, following: Bool = false, _ system: any SystemCalls
  ) throws(SystemCallError) {
    self.path = path
    self.system = system
    self.offset = path.hasSuffix(".gz") ? 0 : offset
    descriptor = try system.open(path, O_RDONLY | (following ? 0 : O_NOFOLLOW), mode: 0)
    readOffset = self.offset
    if following {
      let status = try system.fstat(descriptor)
      if !status.isRegularFile { readOffset = nil }
    }
    inflater = path.hasSuffix(".gz") ? InflaterBox() : nil
    if path.hasSuffix(".gz") { while self.offset < offset, try next() != nil {} }
  }

  /// Standard input.
  package init(standardInput system: any SystemCalls) {
    path = "standard input"
    self.system = system
    offset = 0
    descriptor = dup(0)
  }

  deinit { system.close(descriptor) }

  /// The next line without its newline; nil where there is no whole line (yet).
  package func next() throws(SystemCallError) -> ArraySlice<UInt8>? {
    while true {
      if let newline = newline() {
        let line = buffer[taken..<newline]
        offset += line.count + 1
        taken = newline + 1
        searched = taken
        return line
      }
      searched = buffer.count
      guard try read() else { return nil }
    }
  }

  /// As ``next()``, for one who goes on with other files: nil also where the file cannot be read on, which ``damage`` tells.
  package func nextUnlessDamaged() -> ArraySlice<UInt8>? {
    do throws(SystemCallError) {
      return try next()
    } catch {
      damage = error
      return nil
    }
  }

  package private(set) var damage: SystemCallError?

  /// What stands behind the last newline, once ``next()`` has returned nil.
  package var rest: ArraySlice<UInt8> { buffer[taken...] }

  private func newline() -> Int? {
    unsafe buffer.withUnsafeBytes { bytes -> Int? in
      guard searched < bytes.count, let base = bytes.baseAddress,
        let found = unsafe memchr(base + searched, 0x0A, bytes.count - searched)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  private func read() throws(SystemCallError) -> Bool {
    if isAtEnd && inflater != nil { return false }
    if taken > 0 {
      buffer.removeFirst(taken)
      searched -= taken
      taken = 0
    }
    var bytes: [UInt8] = []
    let count: Int
    if let readOffset {
      count = try system.pread(
        descriptor, appendingTo: &bytes, count: Self.readBytes, at: readOffset)
      self.readOffset = readOffset + count
    } else {
      count = try readPipe(&bytes)
    }
    if count == 0 {
      isAtEnd = true
      if inflater?.inflater.isInside == true { throw damaged() }
      return false
    }
    guard let inflater else {
      if buffer.isEmpty { buffer = bytes } else { buffer += bytes }
      return true
    }
    do throws(Inflater.Damaged) {
      try inflater.inflater.inflate(bytes, into: &buffer)
    } catch {
      isAtEnd = true
      throw damaged()
    }
    return true
  }

  private func damaged() -> SystemCallError {
    SystemCallError("inflate", path, errno: EILSEQ)
  }

  private func readPipe(_ bytes: inout [UInt8]) throws(SystemCallError) -> Int {
    var result = 0
    var failure: Int32 = 0
    repeat {
      bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.readBytes) { buffer, count in
        result = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        failure = errno
        count = max(result, 0)
      }
    } while result < 0 && failure == EINTR
    guard result >= 0 else { throw SystemCallError("read", path, errno: failure) }
    return result
  }
}
