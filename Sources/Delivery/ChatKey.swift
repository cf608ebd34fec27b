/// What has one order, known by a digest of its name. Two that had the same one, of 2⁶⁴, would wait for each other; nothing
/// would be lost by it.
package struct ChatKey: Hashable, Sendable {
  private let digest: Int

  /// All messages have one order.
  static let all = ChatKey(digest: 0)

  private init(digest: Int) { self.digest = digest }

  /// The digest is one of the standard library's hash already: what makes it anew from that would be no better.
  package func _rawHashValue(seed: Int) -> Int { digest ^ seed }

  package init(_ name: Span<UInt8>) {
    var hasher = Hasher()
    unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    digest = hasher.finalize()
  }
}
