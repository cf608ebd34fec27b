import Glibc

/// How many files and sockets this process may have open.
enum DescriptorLimit {
  /// For all that is no connection: standard streams, the spool's files, the listening socket.
  static let reserve = 32

  /// Raises the soft limit to `wanted` as far as the hard one allows; returns the limit that holds.
  static func raise(to wanted: Int) -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return wanted
    }
    let needed = rlim_t(wanted)
    if limit.rlim_cur >= needed { return wanted }
    limit.rlim_cur = min(needed, limit.rlim_max)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(min(limit.rlim_cur, needed))
  }
}
