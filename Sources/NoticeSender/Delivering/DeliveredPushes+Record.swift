import Crypto
import Delivery
import Notice

extension DeliveredPushes.Push {
  /// What makes a push the same is its bot, its message's id and its payload: the same message comes again on purpose
  /// when its media has been loaded, and once for each bot in a room. nil for a record without these: it is never
  /// taken for a duplicate.
  init?(_ record: NoticeRecord) {
    guard let bot = record.value(.botId) ?? record.value(.botWxid),
      let message = record.value(.messageId), let id = Self.number(ofUUID: record.id)
    else { return nil }
    var hash = SHA256()
    for part in [Array(bot.utf8)[...], Array(message.utf8)[...], record.token(.payload) ?? []] {
      // The length keeps "a" and "bc" from being the same as "ab" and "c".
      hash.update(data: Array("\(part.count):".utf8))
      hash.update(data: Array(part))
    }
    let digest = hash.finalize().prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    self.init(digest: digest, record: id)
  }

  /// The digest and the record's id, 32 hexadecimal digits each.
  init?(line: ArraySlice<UInt8>) {
    let words = line.split(separator: UInt8(ascii: " "))
    guard words.count == 2, words.allSatisfy({ $0.count == Self.digits }),
      let digest = UInt128(String(decoding: words[0], as: UTF8.self), radix: 16),
      let record = UInt128(String(decoding: words[1], as: UTF8.self), radix: 16)
    else { return nil }
    self.init(digest: digest, record: record)
  }

  var line: [UInt8] { Array("\(Self.padded(digest)) \(Self.padded(record))\n".utf8) }

  private static let digits = 32

  private static func padded(_ number: UInt128) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  private static func number(ofUUID text: String) -> UInt128? {
    UInt128(text.filter { $0 != "-" }, radix: 16)
  }
}
