/// Builds one JSON object member by member. A value that is nil, or an object without members, is left out.
package struct JSONObjectWriter: Sendable {
  private var output: [UInt8] = [UInt8(ascii: "{")]

  package init() {}

  /// The object, closed.
  package var bytes: [UInt8] { output + [UInt8(ascii: "}")] }
  package var isEmpty: Bool { output.count == 1 }

  package mutating func member(_ key: String, string value: String?) {
    guard let value else { return }
    append(key)
    JSONString.append(value, to: &output)
  }

  package mutating func member(_ key: String, number value: Int?) {
    guard let value else { return }
    append(key)
    output.append(contentsOf: String(value).utf8)
  }

  package mutating func member(_ key: String, bool value: Bool?) {
    guard let value else { return }
    append(key)
    output.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// `token` is valid JSON.
  package mutating func member(_ key: String, token: (some Collection<UInt8>)?) {
    guard let token else { return }
    append(key)
    output.append(contentsOf: token)
  }

  package mutating func member(_ key: String, object: JSONObjectWriter) {
    guard !object.isEmpty else { return }
    member(key, token: object.bytes)
  }

  private mutating func append(_ key: String) {
    if !isEmpty { output.append(UInt8(ascii: ",")) }
    JSONString.append(key, to: &output)
    output.append(UInt8(ascii: ":"))
  }
}
