/// Accepted secrets, several while one replaces another.
struct SecretSet: Sendable, Equatable {
  static let bytesMax = 256

  /// Each with the room of the longest, and its length.
  private let secrets: [(room: [UInt8], count: Int)]

  init(_ secrets: [String] = []) {
    self.secrets = secrets.map { (Self.room($0.utf8), $0.utf8.count) }
  }

  static func == (left: Self, right: Self) -> Bool {
    left.secrets.elementsEqual(right.secrets, by: ==)
  }

  var isEmpty: Bool { secrets.isEmpty }
  var count: Int { secrets.count }

  /// Whether `candidate` is one of them. Always the same steps for the same candidate: every byte of
  /// every secret's room is compared, lengths among them, so that the time taken tells a guesser neither
  /// how much of a guess was right nor how long a secret is.
  func contains(_ candidate: some Collection<UInt8>) -> Bool {
    let tried = Self.room(candidate)
    let count = candidate.count
    var found = 0
    for secret in secrets {
      var difference = secret.count ^ count
      for index in 0..<Self.bytesMax { difference |= Int(tried[index] ^ secret.room[index]) }
      found |= difference == 0 ? 1 : 0
    }
    return found == 1
  }

  /// Whether what stands in an address is one of them, as it is written or as it is meant.
  func containsPercentEncoded(_ written: some Collection<UInt8>) -> Bool {
    let asWritten = contains(written)
    let asMeant = contains(PercentEncoding.decode(written))
    return asWritten || asMeant
  }

  /// The first ``bytesMax`` bytes, zeros behind.
  private static func room(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let first = Array(bytes.prefix(bytesMax))
    return first + repeatElement(0, count: bytesMax - first.count)
  }
}
