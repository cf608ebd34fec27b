/// What has one order, known by a digest of its name. Two that had the same one, of 2⁶⁴, would wait for each other; nothing
/// would be lost by it.
package struct ChatKey: Hashable, Sendable {
  private let digest: Int

  /// All messages have one order.
  static let all = ChatKey(digest: 0)

  private init(digest: Int) { self.digest = digest }

  /// The digest is a hash already: what is made anew from it would be no better.
  package func _rawHashValue(seed: Int) -> Int { digest ^ seed }

  /// By a multiplication for eight bytes. The standard library's hash, for tables that anybody fills, takes five times as long.
  package init(_ name: Span<UInt8>) {
    let bytes = unsafe name.bytes
    var state = Self.seed
    var index = 0
    while index + 8 <= name.count {
      // Safe: eight bytes lie there, and any bits make an integer.
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      state = Self.mixed(state ^ word)
      index += 8
    }
    var rest: UInt64 = 0
    while index < name.count {
      rest = rest << 8 | UInt64(name[index])
      index += 1
    }
    let all = Self.mixed(state ^ rest)
    digest = Int(truncatingIfNeeded: Self.mixed(all ^ UInt64(name.count)))
  }

  private static let seed = UInt64.random(in: .min ... .max)

  /// Each bit of the result depends on many of the state's: both halves of its product with the golden ratio.
  private static func mixed(_ state: UInt64) -> UInt64 {
    let product = state.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}
