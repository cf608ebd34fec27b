/// A query string, apart from the access key in it.
struct QueryString: Equatable {
  /// All parameters but `key`, as they came; nil where none is left.
  let withoutKey: String?
  /// The values of the parameters named `key`, as they were written.
  let keys: [ArraySlice<UInt8>]

  init(_ text: String) {
    guard !text.isEmpty else {
      (withoutKey, keys) = (nil, [])
      return
    }
    var kept: [ArraySlice<UInt8>] = []
    var keys: [ArraySlice<UInt8>] = []
    let parameters = Array(text.utf8)
      .split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    for parameter in parameters {
      let name = parameter.prefix { $0 != UInt8(ascii: "=") }
      if PercentEncoding.decode(name).elementsEqual("key".utf8) {
        keys.append(parameter[name.endIndex...].dropFirst())
      } else {
        kept.append(parameter)
      }
    }
    let rest = String(decoding: Array(kept.joined(separator: "&".utf8)), as: UTF8.self)
    withoutKey = rest.isEmpty ? nil : rest
    self.keys = keys
  }
}
