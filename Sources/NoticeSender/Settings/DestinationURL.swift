import Destinations
import Foundation

/// What a destination's URL says: which kind it is, and what it may be called where it was given no name.
struct DestinationURL {
  enum Scheme {
    case http
    case sqlite(path: String)
    case file(directory: String)
  }

  let text: String
  let scheme: Scheme
  let nameDerived: String

  init(_ text: String) throws(SettingsError) {
    self.text = text
    guard let colon = text.firstIndex(of: ":") else {
      throw SettingsError("'\(text)' is no destination: \(Self.rule)")
    }
    let rest = String(text[text.index(after: colon)...])
    let path = rest.hasPrefix("//") ? String(rest.dropFirst(2)) : rest
    switch text[..<colon].lowercased() {
    case "http", "https":
      guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
        throw SettingsError("'\(Self.withoutSecrets(text))' is no URL with a host")
      }
      scheme = .http
      nameDerived = Self.name(
        [host, url.port.map(String.init) ?? "", url.path].joined(separator: "-"))
    case "sqlite":
      guard !path.isEmpty, !path.hasSuffix("/") else {
        throw SettingsError("'\(text)' names no database file: write sqlite:/path/notices.db")
      }
      scheme = .sqlite(path: path)
      let file = path.split(separator: "/").last ?? "notices"
      nameDerived = Self.name("sqlite-" + (file.split(separator: ".").first ?? "notices"))
    case "file":
      guard !path.isEmpty else {
        throw SettingsError("'\(text)' names no directory: write file:/path")
      }
      scheme = .file(directory: path)
      nameDerived = Self.name("file-" + (path.split(separator: "/").last ?? ""))
    case let other:
      throw SettingsError("'\(other):' is no kind of destination: \(Self.rule)")
    }
  }

  static let kinds = "http://…, https://…, sqlite:PATH or file:DIRECTORY"
  static let rule = "write \(kinds)"

  /// A URL may carry a password or a key: what is shown of it ends before them.
  static func withoutSecrets(_ text: String) -> String {
    guard var url = URLComponents(string: text) else { return "the URL" }
    url.user = nil
    url.password = nil
    if url.query != nil { url.query = "…" }
    return url.string?.removingPercentEncoding ?? "the URL"
  }

  private static func name(_ text: String) -> String {
    let parts = text.split { !DestinationSettings.isName("x\($0)") || $0 == "-" }
    return String(parts.joined(separator: "-").drop { $0 == "." }.prefix(64))
  }
}
