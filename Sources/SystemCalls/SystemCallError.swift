import Glibc

/// A system call that failed: its name, what it was about, and `errno`.
package struct SystemCallError: Error, CustomStringConvertible {
  package let call: String
  package let path: String
  package let errno: Int32

  package init(_ call: String, _ path: String, errno: Int32 = Glibc.errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// "write /var/spool/notice/lock: No space left on device"
  package var description: String {
    "\(call) \(path): \(unsafe String(cString: strerror(errno)))"
  }

  /// The process or the machine lacks something at the moment: whatever file was meant, it is not that file's fault.
  package var isExhaustion: Bool {
    [EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN].contains(errno)
  }

  /// The disk, the quota or the largest allowed file is full: it may pass by itself.
  package var isFull: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
}
