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

  /// What a person can do about it, where that is plain.
  package var remedy: String? {
    switch errno {
    case ENOENT, ENOTDIR: "make the directory, or correct the path"
    case EACCES, EPERM: "let this program's user at it, or run this as the user that owns it"
    case EROFS: "it is mounted read-only: take another place, or mount it for writing"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n, LimitNOFILE=)"
    case _ where isFull: "make room on the disk"
    default: nil
    }
  }

  /// What failed, and what to do about it.
  package var advised: String { description + (remedy.map { ": \($0)" } ?? "") }

  /// The process or the machine lacks something at the moment: whatever file was meant, it is not that file's fault.
  package var isExhaustion: Bool {
    [EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN].contains(errno)
  }

  /// The disk, the quota or the largest allowed file is full: it may pass by itself.
  package var isFull: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
}
