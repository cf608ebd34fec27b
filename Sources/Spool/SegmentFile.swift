import Glibc
import SystemCalls

/// A segment opened for reading, from which whole lines are taken one after the other. A line that has its newline is
/// final; what stands behind the last newline is not looked at.
struct SegmentFile: ~Copyable {
  let name: SegmentName
  private let descriptor: Int32
  private let system: any SystemCalls
  /// Bytes of the file from `bufferStart` on; those before `next` have been taken.
  private var buffer: [UInt8] = []
  private var bufferStart: Int
  private var next = 0

  private static let readBytes = 256 << 10

  init(
    _ name: SegmentName, in directory: SpoolDirectory, from offset: Int, _ system: any SystemCalls
  ) throws(SystemCallError) {
    self.name = name
    self.system = system
    bufferStart = offset
    descriptor = try system.open(directory.segment(name), O_RDONLY | O_NOFOLLOW, mode: 0)
  }

  deinit { system.close(descriptor) }

  /// Where the next line begins.
  var offset: Int { bufferStart + next }

  /// Goes on with the line that begins there.
  mutating func move(to offset: Int) {
    if (bufferStart..<bufferStart + buffer.count).contains(offset) {
      next = offset - bufferStart
    } else {
      forgetRead()
      bufferStart = offset
    }
  }

  /// What comes next is read anew.
  mutating func forgetRead() {
    bufferStart += next
    next = 0
    buffer.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with the next line, its newline left off; returns nil where there is no whole line (yet).
  mutating func nextLine<Result>(_ body: (Span<UInt8>) -> Result) throws(SystemCallError) -> Result?
  {
    var searched = next
    var hasRead = false
    // What one read brought, the next does not go on with: a writer may have cut an unfinished line off meanwhile
    // and put others in its place. A line is whole only if its bytes were read after its newline.
    var isJoined = false
    while true {
      if let newline = Self.newline(in: buffer, from: searched) {
        if isJoined {
          isJoined = false
          searched = next
          guard try readAgain(count: newline + 1) else { return nil }
          continue
        }
        let result = body(buffer.span.extracting(next..<newline))
        next = newline + 1
        return result
      }
      // So the next read begins with a line, and nearly always brings it whole.
      if !hasRead { forgetRead() }
      hasRead = true
      searched = buffer.count
      isJoined = searched > 0
      let count = try system.pread(
        descriptor, appendingTo: &buffer, count: Self.readBytes, at: bufferStart + buffer.count)
      if count == 0 {
        buffer = []
        return nil
      }
    }
  }

  /// Fills the buffer anew with `count` bytes, whose last is a newline; false where they are not there any more.
  private mutating func readAgain(count: Int) throws(SystemCallError) -> Bool {
    buffer = []
    while buffer.count < count {
      let got = try system.pread(
        descriptor, appendingTo: &buffer, count: count - buffer.count,
        at: bufferStart + buffer.count)
      if got == 0 {
        buffer = []
        return false
      }
    }
    return true
  }

  /// What stands behind the last newline of a file that grows no more, all lines having been taken.
  func rest() throws(SystemCallError) -> [UInt8] {
    var rest: [UInt8] = []
    while try system.pread(
      descriptor, appendingTo: &rest, count: Self.readBytes, at: offset + rest.count) > 0
    {}
    return rest
  }

  /// Whether ``offset`` is where a line begins.
  func beginsLine() throws(SystemCallError) -> Bool {
    if offset == 0 { return true }
    var before: [UInt8] = []
    _ = try system.pread(descriptor, appendingTo: &before, count: 1, at: offset - 1)
    return before == [UInt8(ascii: "\n")]
  }

  func size() throws(SystemCallError) -> Int { try system.fstat(descriptor).size }
  func sync() throws(SystemCallError) { try system.fdatasync(descriptor) }

  private static func newline(in buffer: [UInt8], from start: Int) -> Int? {
    unsafe buffer.withUnsafeBytes { bytes -> Int? in
      guard start < bytes.count, let base = bytes.baseAddress else { return nil }
      guard let found = unsafe memchr(base + start, 0x0A, bytes.count - start) else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}
