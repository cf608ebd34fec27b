import CCurl
import FoundationEssentials
import Notice

/// Takes out of what a destination says the secrets that it was sent: some answer with the request. What is said goes into
/// logs, reasons and dead letters.
struct SecretMask {
  private let secrets: [[UInt8]]

  private static let shown = Array("…".utf8)
  /// What is shorter stands in any text.
  private static let secretBytesMin = 4

  init() { secrets = [] }

  /// User, password, query and long parts of the path, and the headers that were set for the destination.
  init(_ settings: HTTPSettings) {
    var texts = Self.parts(ofURL: settings.url)
    for header in settings.headers {
      texts.append(header.value)
      // "Bearer …"
      texts += header.value.split(separator: " ").dropFirst().map(String.init)
    }
    secrets = Self.usable(texts)
  }

  /// `bytes` is what was said, the beginning of it where it `isCut`, about these records.
  func masked(_ bytes: [UInt8], isCut: Bool = false, _ records: [NoticeRecord]) -> [UInt8] {
    if bytes.isEmpty { return bytes }
    let tokens = Self.usable(records.compactMap { $0.value(.token) })
    // The longest first: one may be part of another.
    let all = (secrets + tokens).sorted { $0.count > $1.count }
    var bytes = bytes
    for secret in all where bytes.firstRange(of: secret) != nil {
      bytes.replace(secret, with: Self.shown)
    }
    if isCut, let secret = all.max(by: { Self.end($0, of: bytes) < Self.end($1, of: bytes) }) {
      bytes.removeLast(Self.end(secret, of: bytes))
    }
    return bytes
  }

  func masked(_ text: String, _ records: [NoticeRecord]) -> String {
    String(decoding: masked(Array(text.utf8), records), as: UTF8.self)
  }

  /// How much of the secret's beginning stands at the end.
  private static func end(_ secret: [UInt8], of bytes: [UInt8]) -> Int {
    (0..<min(secret.count, bytes.count + 1)).last {
      bytes.suffix($0).elementsEqual(secret.prefix($0))
    }
      ?? 0
  }

  private static func usable(_ texts: [String]) -> [[UInt8]] {
    Set(texts).map { Array($0.utf8) }.filter { $0.count >= secretBytesMin }
  }

  /// As they are written and as they are meant; of a query the values.
  private static func parts(ofURL text: String) -> [String] {
    guard let url = unsafe curl_url(),
      unsafe curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK
    else { return [] }
    defer { unsafe curl_url_cleanup(url) }
    let part = { (name: CURLUPart, flags: Int32) -> String? in
      var text: UnsafeMutablePointer<CChar>?
      guard unsafe curl_url_get(url, name, &text, UInt32(flags)) == CURLUE_OK,
        let text = unsafe text
      else { return nil }
      defer { unsafe curl_free(text) }
      return unsafe String(cString: text)
    }
    var parts: [String] = []
    for flags in [0, Int32(CURLU_URLDECODE)] {
      let user = part(CURLUPART_USER, flags)
      let password = part(CURLUPART_PASSWORD, flags)
      parts += [user, password].compactMap { $0 }
      if user != nil || password != nil {
        // RFC 7617: as a header carries them.
        parts.append(Data("\(user ?? ""):\(password ?? "")".utf8).base64EncodedString())
      }
      let values = part(CURLUPART_QUERY, flags)?.split(separator: "&") ?? []
      parts += values.map { value in
        // "key=…", or the key alone.
        value.firstIndex(of: "=").map { String(value[value.index(after: $0)...]) } ?? String(value)
      }
      parts +=
        part(CURLUPART_PATH, flags)?.split(separator: "/").map(String.init)
        .filter(SecretLook.isSecret) ?? []
    }
    return parts
  }
}
