import CCurl

/// A request's header lines in libcurl's list, made once for a handle. What differs between deliveries has a fixed
/// width and is written in place.
@safe final class DeliveryHeaders {
  let list: UnsafeMutablePointer<curl_slist>
  /// Where the two values stand in their lines; nil where those are not sent.
  private let id: UnsafeMutableBufferPointer<CChar>?
  private let timestamp: UnsafeMutableBufferPointer<CChar>?

  /// A UUID in text form, and seconds since 1970 until the year 2286.
  private static let idBytes = 36
  private static let timestampDigits = 10

  init(_ settings: HTTPSettings) {
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
    unsafe id = settings.webhookHeaders ? field("webhook-id", Self.idBytes) : nil
    unsafe timestamp =
      settings.webhookHeaders ? field("webhook-timestamp", Self.timestampDigits) : nil
    let given = Set(settings.headers.map { $0.name.lowercased() })
    let own = [
      HTTPHeader("Content-Type", "application/json"), HTTPHeader("User-Agent", settings.userAgent),
    ].filter { !given.contains($0.name.lowercased()) }
    for header in own + settings.headers { _ = unsafe append(header.line) }
    // No waiting for "100 Continue" before the body.
    _ = unsafe append("Expect:")
    unsafe list = head!
  }

  deinit { unsafe curl_slist_free_all(list) }

  /// An id that is no UUID can do no harm: it is cut or filled to its width and holds no control character.
  func stamp(id text: String, timestamp seconds: Int) {
    if let id = unsafe id {
      var bytes = text.utf8.makeIterator()
      for place in id.indices {
        let byte = bytes.next() ?? UInt8(ascii: " ")
        unsafe id[place] = CChar(bitPattern: byte < 0x20 ? UInt8(ascii: "_") : byte)
      }
    }
    if let timestamp = unsafe timestamp {
      var rest = seconds
      for place in timestamp.indices.reversed() {
        unsafe timestamp[place] = CChar(UInt8(ascii: "0")) + CChar(rest % 10)
        rest /= 10
      }
    }
  }
}
