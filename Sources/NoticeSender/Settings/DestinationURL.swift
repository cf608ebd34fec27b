import Destinations
import Foundation
import Notice

/// What a destination's URL says: which kind it is, and what it may be called where it was given no name.
struct DestinationURL {
  enum Scheme {
    case http
    case sqlite(path: String)
    case file(directory: String)
    /// What libpq takes.
    case postgreSQL(connection: String)
    case kafka(brokers: String, topic: String)
  }

  let text: String
  let scheme: Scheme
  let nameDerived: String

  init(_ text: String) throws(SettingsError) {
    self.text = text
    // Whatever it is, it may be a secret in the wrong place: none of it is shown.
    guard let colon = text.firstIndex(of: ":") else {
      throw SettingsError("this is no destination: \(Self.rule)")
    }
    let rest = String(text[text.index(after: colon)...])
    let path = rest.hasPrefix("//") ? String(rest.dropFirst(2)) : rest
    switch text[..<colon].lowercased() {
    case "http", "https":
      guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
        throw SettingsError("this is no URL with a host: write http://HOST/… or https://HOST/…")
      }
      scheme = .http
      nameDerived = Self.name(
        [host, url.port.map(String.init) ?? "", Self.shown(path: url.path)]
          .joined(separator: "-"))
    case "sqlite":
      guard !path.isEmpty, !path.hasSuffix("/") else {
        throw SettingsError("'sqlite:' names no database file: write sqlite:/path/notices.db")
      }
      scheme = .sqlite(path: path)
      let file = path.split(separator: "/").last ?? "notices"
      nameDerived = Self.name("sqlite-" + (file.split(separator: ".").first ?? "notices"))
    case "file":
      guard !path.isEmpty else {
        throw SettingsError("'file:' names no directory: write file:/path")
      }
      scheme = .file(directory: path)
      nameDerived = Self.name("file-" + (path.split(separator: "/").last ?? ""))
    case "postgres", "postgresql":
      guard !path.isEmpty else {
        throw SettingsError("'\(text)' names no database: write postgres://HOST/DATABASE")
      }
      scheme = .postgreSQL(connection: rest.hasPrefix("//") ? text : rest)
      // The other form may hold a password anywhere.
      let url = rest.hasPrefix("//") ? URLComponents(string: text) : nil
      nameDerived = Self.name("postgres-\(url?.host ?? "")-\(url?.path ?? "")")
    case "kafka":
      let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard rest.hasPrefix("//"), parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw SettingsError("expected kafka://HOST:PORT,HOST:PORT/TOPIC")
      }
      scheme = .kafka(brokers: parts[0], topic: parts[1])
      nameDerived = Self.name("kafka-" + parts[1])
    case let other:
      let isWord = other.utf8.count <= 10 && other.allSatisfy { $0.isASCII && $0.isLetter }
      throw SettingsError(
        "\(isWord ? "'\(other):'" : "this") is no kind of destination: \(Self.rule)")
    }
  }

  static let kinds =
    "http://…, https://…, sqlite:PATH, file:DIRECTORY, postgres://HOST/DATABASE "
    + "or kafka://HOST:PORT/TOPIC"
  static let rule = "write \(kinds)"

  /// A URL may carry a password or a key, in its path as well: what is shown of it ends before them.
  static func withoutSecrets(_ text: String) -> String {
    guard let url = URLComponents(string: text), let scheme = url.scheme, let host = url.host else {
      return "the URL"
    }
    return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
  }

  /// The path as it becomes part of a name, which stands in logs and figures: of what may be a secret, a checksum.
  private static func shown(path: String) -> String {
    path.split(separator: "/").map { part in
      SecretLook.isSecret(part)
        ? String(CRC32C.checksum(Array(part.utf8)), radix: 16) : String(part)
    }.joined(separator: "-")
  }

  private static func name(_ text: String) -> String {
    let parts = text.split { !DestinationSettings.isName("x\($0)") || $0 == "-" }
    return String(parts.joined(separator: "-").drop { $0 == "." }.prefix(64))
  }
}
