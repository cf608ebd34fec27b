import Glibc
import SystemCalls

/// Space on the disk behind a segment's end, before it is written to.
///
/// On a full disk a write may take a part of the bytes and a later `fdatasync` still succeed; inside
/// space that was reserved, it takes all of them. So there is no write without room for it.
struct Reservation {
  /// What is reserved at a time, where there is as much.
  private let bytes: Int
  private var isSupported = true

  /// Blocks that a file's own bookkeeping may take are not room for its data.
  private static let slackBytes = 64 << 10

  init(bytes: Int) {
    self.bytes = bytes
  }

  /// Sees to it that `count` bytes find room behind `size`; up to `allocated` there is some.
  mutating func ensure(
    _ count: Int, behind size: Int, allocated: Int, in segment: ActiveSegment,
    _ system: any SystemCalls
  ) throws(SystemCallError) {
    guard isSupported else { return }
    let room = allocated - size
    if room >= count + Self.slackBytes { return }
    do throws(SystemCallError) {
      try system.fallocate(segment.descriptor, at: size, count: max(count, bytes))
    } catch {
      if error.errno == EOPNOTSUPP || error.errno == ENOSYS {
        isSupported = false
      } else if !error.isFull {
        throw error
      } else if room < count {
        try system.fallocate(segment.descriptor, at: size, count: count)
      }
    }
  }
}
