import Glibc
import Spool
import SystemCalls

/// Tells when there may be something new in the spool (inotify(7)). A hint only: whoever waits for it
/// looks by itself from time to time.
struct SpoolWatch: ~Copyable {
  /// Readable when something changed; nil where nothing is watched, or the kernel has no watch left to give.
  let descriptor: Int32?

  /// Tells nothing.
  init() { descriptor = nil }

  init(_ directory: SpoolDirectory) {
    let opened = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    guard opened >= 0 else {
      descriptor = nil
      return
    }
    let events = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)
    guard unsafe inotify_add_watch(opened, directory.segments, events) >= 0 else {
      close(opened)
      descriptor = nil
      return
    }
    descriptor = opened
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  /// Takes the hints there are, so that the next one wakes again.
  func clear() {
    guard let descriptor else { return }
    unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      while unsafe read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
    }
  }
}
