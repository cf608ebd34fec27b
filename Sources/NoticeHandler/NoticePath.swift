/// A path that is served, split after the part that every caller has to write.
struct NoticePath: Equatable {
  private let prefix: String
  /// What stands between slashes behind the prefix.
  private let segments: [ArraySlice<UInt8>]

  /// Segments in which a key is looked for: the platform appends its own to the address it was given.
  static let keySegmentsMax = 8

  /// nil where `path` is neither `prefix` nor below it: `/noticeX` is not below `/notice`.
  init?(_ path: String, below prefix: String) {
    guard path.utf8.starts(with: prefix.utf8) else { return nil }
    let rest = Array(path.utf8.dropFirst(prefix.utf8.count))
    guard rest.isEmpty || rest[0] == UInt8(ascii: "/") else { return nil }
    self.prefix = prefix
    segments =
      rest.isEmpty
      ? []
      : rest.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  }

  func holds(_ keys: SecretSet) -> Bool {
    segments.prefix(Self.keySegmentsMax).contains(where: keys.containsPercentEncoded)
  }

  /// The path without the segments that are keys. To be asked for only once the caller has shown a key: it takes longer the
  /// more segments there are.
  func without(_ keys: SecretSet) -> String {
    var path = Array(prefix.utf8)
    for segment in segments where keys.isEmpty || !keys.containsPercentEncoded(segment) {
      path.append(UInt8(ascii: "/"))
      path.append(contentsOf: segment)
    }
    return String(decoding: path, as: UTF8.self)
  }
}
