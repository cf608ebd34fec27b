import CCurl

/// A request's header lines in libcurl's list, made once for a handle. What differs between deliveries has a fixed
/// width and is written in place.
@safe final class DeliveryHeaders {
  let list: UnsafeMutablePointer<curl_slist>
  /// Where the values stand in their lines; nil where those are not sent.
  private let id: UnsafeMutableBufferPointer<CChar>?
  private let timestamp: UnsafeMutableBufferPointer<CChar>?
  private let signatures: UnsafeMutableBufferPointer<CChar>?
  private let secrets: [WebhookSecret]

  /// A UUID in text form, and seconds since 1970 until the year 2286.
  private static let idBytes = 36
  private static let timestampDigits = 10

  init(_ settings: HTTPSettings, _ body: RequestBody) {
    var head: UnsafeMutablePointer<curl_slist>?
    let append = { (line: String) -> UnsafeMutablePointer<curl_slist> in
      guard let list = unsafe curl_slist_append(head, line) else {
        fatalError("unable to allocate a request's headers")
      }
      unsafe head = list
      var last = unsafe list
      while let next = unsafe last.pointee.next { unsafe last = next }
      return unsafe last
    }
    let field = { (name: String, width: Int) -> UnsafeMutableBufferPointer<CChar> in
      let line = unsafe append("\(name): \(String(repeating: "0", count: width))")
      return unsafe UnsafeMutableBufferPointer(
        start: line.pointee.data + name.utf8.count + 2, count: width)
    }
    secrets = settings.signingSecrets
    let isSigned = !secrets.isEmpty
    let isMarked = settings.webhookHeaders || isSigned
    unsafe id = isMarked ? field("webhook-id", Self.idBytes) : nil
    unsafe timestamp = isMarked ? field("webhook-timestamp", Self.timestampDigits) : nil
    // One for each secret, with a space between two.
    unsafe signatures =
      isSigned
      ? field("webhook-signature", secrets.count * (WebhookSecret.signatureCharacters + 1) - 1)
      : nil
    let given = Set(settings.headers.map { $0.name.lowercased() })
    let own = [
      HTTPHeader("Content-Type", body.contentType), HTTPHeader("User-Agent", settings.userAgent),
    ].filter { !given.contains($0.name.lowercased()) }
    for header in own + settings.headers { _ = unsafe append(header.line) }
    if body.isCompressed { _ = unsafe append("Content-Encoding: gzip") }
    // No waiting for "100 Continue" before the body.
    _ = unsafe append("Expect:")
    unsafe list = head!
  }

  deinit { unsafe curl_slist_free_all(list) }

  /// An id that is no UUID can do no harm: it is cut or filled to its width and holds neither a control character nor
  /// the full stop that ends it in what is signed.
  func stamp(id text: String, timestamp seconds: Int, body: [UInt8]) {
    guard let id = unsafe id, let timestamp = unsafe timestamp else { return }
    var bytes = text.utf8.makeIterator()
    for place in id.indices {
      let byte = bytes.next() ?? UInt8(ascii: " ")
      let isHarmless = byte >= 0x20 && byte != UInt8(ascii: ".")
      unsafe id[place] = CChar(bitPattern: isHarmless ? byte : UInt8(ascii: "_"))
    }
    var rest = seconds
    for place in timestamp.indices.reversed() {
      unsafe timestamp[place] = CChar(UInt8(ascii: "0")) + CChar(rest % 10)
      rest /= 10
    }
    guard let signatures = unsafe signatures else { return }
    let signed = unsafe id.map { UInt8(bitPattern: $0) }
    let list = secrets.map { $0.signature(id: signed, timestamp: seconds, body: body) }
    for (place, byte) in list.joined(separator: " ").utf8.enumerated() {
      unsafe signatures[place] = CChar(bitPattern: byte)
    }
  }
}
