/// A header field of a request.
package struct HTTPHeader: Sendable, Equatable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// The field as libcurl takes it; by its manual "Name:" would remove a field and "Name;" sends an empty one.
  var line: String { value.isEmpty ? "\(name);" : "\(name): \(value)" }

  /// The value may be a secret and is not shown.
  func validate() throws(HTTPSettingsError) {
    guard Self.isToken(name) else { throw .header("\"\(name)\": is no field name") }
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw .header("\(name): its value has a control character")
    }
    guard !Self.reserved.contains(name.lowercased()) else {
      throw .header("\(name): is set by the delivery itself")
    }
  }

  /// RFC 9110 §5.6.2.
  static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
      }
  }

  /// What frames the request, or must not be the same for two deliveries.
  private static let reserved: Set = [
    "content-length", "content-encoding", "transfer-encoding", "connection", "expect", "webhook-id",
    "webhook-timestamp", "webhook-signature",
  ]
}
