import Glibc

/// What this process may do with a path, asked of the kernel without touching anything.
enum PathAccess {
  /// Why `path` is not to be had with these rights (access(2)); nil: it is.
  static func fault(_ path: String, _ rights: Int32) -> String? {
    unsafe access(path, rights) == 0 ? nil : unsafe String(cString: strerror(errno))
  }

  /// Files can be made, changed and removed in a directory that is there.
  static func directoryFault(_ path: String) -> String? {
    fault(path + "/.", R_OK | W_OK | X_OK)
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  static func parent(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A program by its path, or where `PATH` has it; nil: nowhere.
  static func program(_ name: String, searchPath: String) -> String? {
    let candidates =
      name.contains("/") ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { fault($0, X_OK) == nil && fault($0 + "/.", F_OK) != nil }
  }
}
