import CCurl
import Delivery
import Notice

/// A libcurl handle that carries one request after the other, with everything that must stay in place meanwhile. What
/// is the same for all requests is set once.
@safe final class HTTPTransfer {
  let handle: UnsafeMutableRawPointer
  /// What the request under way delivers.
  private(set) var attempts: [DeliveryAttempt] = []
  /// On the monotonic clock; nil while no request is under way.
  private(set) var deadlineMilliseconds: Int?

  /// The address, taken apart once: as a text, libcurl does that for each request.
  private let url: OpaquePointer
  private let body: RequestBody
  private let headers: DeliveryHeaders
  private let mask: SecretMask
  private let message: UnsafeMutablePointer<CChar>
  /// The answer's body: how much has come, and its beginning.
  private var answerBytes = 0
  private var excerpt: [UInt8] = []

  /// Bytes of an answer's body that are read; what sends more is not waited for any longer.
  static let answerBytesMax = 64 * 1024

  init(_ settings: HTTPSettings, _ endpoint: HTTPEndpoint) {
    guard let handle = unsafe curl_easy_init() else {
      fatalError("unable to allocate a libcurl handle")
    }
    guard let url = unsafe curl_url(),
      unsafe curl_url_set(url, CURLUPART_URL, settings.url, 0) == CURLUE_OK
    else {
      fatalError("unable to take the address apart, which was possible when the settings were read")
    }
    unsafe self.handle = unsafe handle
    unsafe self.url = unsafe url
    body = RequestBody(settings)
    headers = DeliveryHeaders(settings, body)
    mask = SecretMask(settings)
    unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setRequest(settings)
    setConnection(settings, endpoint)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_url_cleanup(url)
    unsafe message.deallocate()
  }

  func prepare(_ attempts: [DeliveryAttempt], deadlineMilliseconds: Int, nowSeconds: Int) {
    self.attempts = attempts
    self.deadlineMilliseconds = deadlineMilliseconds
    answerBytes = 0
    excerpt.removeAll(keepingCapacity: true)
    unsafe message.pointee = 0
    let bytes = body.bytes(of: attempts)
    headers.stamp(id: RequestBody.id(of: attempts), timestamp: nowSeconds, body: bytes)
    unsafe bytes.withUnsafeBytes { bytes in
      check(unsafe curl_easy_setopt_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count))
      check(unsafe curl_easy_setopt_pointer(handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress))
    }
  }

  /// The request is over: lets go of what it delivered, and returns it.
  func finish() -> [DeliveryAttempt] {
    defer { attempts = [] }
    deadlineMilliseconds = nil
    return attempts
  }

  enum Ending {
    case libcurl(CURLcode)
    case deadline
  }

  /// What has become of the delivery. A success counts only when it came whole, or was too long to be read; any other
  /// status tells more than what happened to its body.
  func outcome(_ ending: Ending, _ settings: HTTPSettings, _ endpoint: HTTPEndpoint)
    -> DeliveryOutcome
  {
    let status = number(CURLINFO_RESPONSE_CODE)
    switch ending {
    case .libcurl(CURLE_OK): return answer(status)
    case _ where status >= 300 || answerBytes > Self.answerBytesMax: return answer(status)
    case .libcurl(let code):
      let failure = unsafe TransferFailure(
        code: code, message: String(cString: message),
        systemErrno: Int32(truncatingIfNeeded: number(CURLINFO_OS_ERRNO)),
        proxyStatus: number(CURLINFO_HTTP_CONNECTCODE), peer: peer, endpoint: endpoint,
        connectTimeoutSeconds: settings.connectTimeoutSeconds)
      return .unreachable(reason: failure.reason)
    case .deadline:
      return .unreachable(reason: "no answer within \(settings.timeoutSeconds) s")
    }
  }

  /// Host and port of the connection that was used last: the proxy's where there is one.
  var peer: String {
    var address: UnsafePointer<CChar>?
    check(unsafe curl_easy_getinfo_text(handle, CURLINFO_PRIMARY_IP, &address))
    let host = unsafe address.map { unsafe String(cString: $0) } ?? ""
    return (host.contains(":") ? "[\(host)]" : host) + ":\(number(CURLINFO_PRIMARY_PORT))"
  }

  /// Whether a connection that was kept from an earlier delivery was at its end before a byte of the answer came.
  func lostKeptConnection(_ result: CURLcode) -> Bool {
    switch result {
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING:
      number(CURLINFO_RESPONSE_CODE) == 0 && number(CURLINFO_NUM_CONNECTS) == 0
    default: false
    }
  }

  private func answer(_ status: Int) -> DeliveryOutcome {
    if (200..<300).contains(status) { return .delivered }
    let isCut = answerBytes > excerpt.count
    return .answered(
      status: status, retryAfterSeconds: retryAfterSeconds,
      excerpt: mask.masked(excerpt, isCut: isCut, attempts.map(\.record)))
  }

  private var retryAfterSeconds: Int? {
    var header: UnsafeMutablePointer<curl_header>?
    let result = unsafe curl_easy_header(
      handle, "Retry-After", 0, UInt32(CURLH_HEADER), -1, &header)
    guard result == CURLHE_OK, let header = unsafe header else { return nil }
    return unsafe RetryAfter.seconds(
      String(cString: header.pointee.value), nowSeconds: Clock.realtimeSeconds())
  }

  private func number(_ info: CURLINFO) -> Int {
    var value = 0
    check(unsafe curl_easy_getinfo_long(handle, info, &value))
    return value
  }

  /// Takes a piece of the answer's body; fewer bytes taken than given make libcurl drop the connection.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    answerBytes += bytes.count
    unsafe excerpt.append(
      contentsOf: bytes.prefix(DeliveryOutcome.excerptBytesMax - excerpt.count))
    return answerBytes > Self.answerBytesMax ? 0 : bytes.count
  }

  // MARK: Options

  private func setRequest(_ settings: HTTPSettings) {
    unsafe set(CURLOPT_CURLU, UnsafeRawPointer(url))
    set(CURLOPT_POST, 1)
    set(CURLOPT_CUSTOMREQUEST, settings.method)
    unsafe set(CURLOPT_HTTPHEADER, headers.list)
    unsafe set(CURLOPT_ERRORBUFFER, message)
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe set(CURLOPT_PRIVATE, this)
    unsafe set(CURLOPT_WRITEDATA, this)
    check(
      unsafe curl_easy_setopt_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
        let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe Unmanaged<HTTPTransfer>.fromOpaque(this!).takeUnretainedValue().receive(bytes)
      })
  }

  private func setConnection(_ settings: HTTPSettings, _ endpoint: HTTPEndpoint) {
    set(CURLOPT_NOSIGNAL, 1)
    // A redirected POST becomes a GET without its body, and the answer to that would count as success.
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeoutSeconds * 1000)
    // Without it, giving up a name look-up waits for the resolver as long as that likes.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // The first deliveries wait to see whether they can share one HTTP/2 connection.
    set(CURLOPT_PIPEWAIT, endpoint.isTLS ? 1 : 0)
    // Otherwise libcurl looks through the environment for each request.
    if ProxyVariables(isTLS: endpoint.isTLS).inForce == nil { set(CURLOPT_PROXY, "") }
    if let caFile = settings.caFile { set(CURLOPT_CAINFO, caFile) }
    if let certificate = settings.clientCertificateFile { set(CURLOPT_SSLCERT, certificate) }
    if let key = settings.clientKeyFile { set(CURLOPT_SSLKEY, key) }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    check(unsafe curl_easy_setopt_long(handle, option, value))
  }

  /// libcurl copies the text.
  private func set(_ option: CURLoption, _ value: String) {
    check(unsafe value.withCString { unsafe curl_easy_setopt_pointer(handle, option, $0) })
  }

  private func set(_ option: CURLoption, _ value: UnsafeRawPointer) {
    check(unsafe curl_easy_setopt_pointer(handle, option, value))
  }

  /// An option can fail only for want of memory, or in a libcurl built without what it asks for.
  private func check(_ result: CURLcode) {
    guard result == CURLE_OK else {
      fatalError("libcurl refuses an option: \(unsafe String(cString: curl_easy_strerror(result)))")
    }
  }
}
