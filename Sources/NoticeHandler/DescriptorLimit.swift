import Glibc

/// How many files and sockets this process may have open.
enum DescriptorLimit {
  /// For all that is no connection: standard streams, the spool's files, the listening socket.
  private static let reserve = 32

  /// Raises the soft limit as far as the hard one allows to have so many connections; returns how many there can be.
  static func raise(forConnections wanted: Int) -> Int {
    max(1, raise(to: wanted + reserve) - reserve)
  }

  private static func raise(to wanted: Int) -> Int {
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
