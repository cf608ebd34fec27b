/// A path that is served, split after the part that every caller has to write.
struct NoticePath: Equatable {
  private let prefix: String
  /// What stands between slashes behind the prefix.
  private let segments: [ArraySlice<UInt8>]

  /// Segments in which a key is looked for: the platform appends its own to the address it was given.
  static let keySegmentsMax = 8

  /// nil where `path` is neither `prefix` nor below it: `/noticeX` is not below `/notice`.
  init?(_ path: String, below prefix: String) {
    self.init(path.utf8.span, below: prefix)
  }

  /// The same of an address as it was written, with or without a query.
  init?(uri: String, below prefix: String) {
    let bytes = uri.utf8.span
    var end = 0
    while end < bytes.count, bytes[end] != UInt8(ascii: "?") { end += 1 }
    self.init(bytes.extracting(..<end), below: prefix)
  }

  private init?(_ path: Span<UInt8>, below prefix: String) {
    let common = prefix.utf8.span
    let start = common.count
    guard path.count >= start, common.indices.allSatisfy({ path[$0] == common[$0] }) else {
      return nil
    }
    self.prefix = prefix
    let rest = path.extracting(start...)
    if rest.isEmpty {
      segments = []
      return
    }
    guard rest[0] == UInt8(ascii: "/") else { return nil }
    segments = unsafe rest.extracting(1...).withUnsafeBufferPointer { unsafe Array($0) }
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  }

  func holds(_ keys: SecretSet) -> Bool {
    segments.prefix(Self.keySegmentsMax).contains(where: keys.containsPercentEncoded)
  }

  /// The path without the segments that are keys. To be asked for only once the caller has shown a key: it takes longer the
  /// more segments there are.
  func without(_ keys: SecretSet) -> String {
    if segments.isEmpty { return prefix }
    var path = Array(prefix.utf8)
    for segment in segments where keys.isEmpty || !keys.containsPercentEncoded(segment) {
      path.append(UInt8(ascii: "/"))
      path.append(contentsOf: segment)
    }
    return String(decoding: path, as: UTF8.self)
  }
}
