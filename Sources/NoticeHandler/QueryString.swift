/// A query string, apart from the access key in it.
struct QueryString: Equatable {
  /// All parameters but `key`, as they came.
  private let others: [ArraySlice<UInt8>]
  /// The values of the parameters named `key`, as they were written.
  let keys: [ArraySlice<UInt8>]

  init(_ text: String) {
    guard !text.isEmpty else {
      (others, keys) = ([], [])
      return
    }
    var others: [ArraySlice<UInt8>] = []
    var keys: [ArraySlice<UInt8>] = []
    let parameters = Array(text.utf8)
      .split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    for parameter in parameters {
      let name = parameter.prefix { $0 != UInt8(ascii: "=") }
      if Self.isKey(name) {
        keys.append(parameter[name.endIndex...].dropFirst())
      } else {
        others.append(parameter)
      }
    }
    self.others = others
    self.keys = keys
  }

  /// In letters of any case, as nginx reads it ($arg_key).
  private static func isKey(_ name: ArraySlice<UInt8>) -> Bool {
    let name = PercentEncoding.decode(name)
    return name.count == 3 && name.map { $0 | 0x20 }.elementsEqual("key".utf8)
  }

  /// All parameters but `key` and those in which an accepted key stands under whatever name; nil where none is left. To be
  /// asked for only once the caller has shown a key: it takes longer the more parameters there are.
  func without(_ secrets: SecretSet) -> String? {
    if others.isEmpty { return nil }
    let kept = others.filter { parameter in
      secrets.isEmpty
        || !parameter.split(separator: UInt8(ascii: "=")).contains(
          where: secrets.containsPercentEncoded)
    }
    let rest = String(decoding: Array(kept.joined(separator: "&".utf8)), as: UTF8.self)
    return rest.isEmpty ? nil : rest
  }
}
