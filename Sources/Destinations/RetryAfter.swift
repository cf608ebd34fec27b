import CCurl

/// The wait that a `Retry-After` field asks for (RFC 9110 §10.2.3): seconds, or a date in any of HTTP's three forms.
/// (CURLINFO_RETRY_AFTER reads "3 apples" as 3, and newer libcurls cut it to six hours.)
enum RetryAfter {
  /// A hundred years: what is longer is held there, so that it can be added to a time in nanoseconds.
  static let secondsMax = 100 * 366 * 86_400

  /// nil for what is neither of the two. A date that has passed asks for no wait.
  static func seconds(_ value: String, nowSeconds: Int) -> Int? {
    let value = value.trimmingPrefix { $0 == " " || $0 == "\t" }
    let digits = value.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, value.dropFirst(digits.count).allSatisfy({ $0 == " " || $0 == "\t" }) {
      return min(Int(digits) ?? secondsMax, secondsMax)
    }
    // curl_getdate(3): -1 unless there are a day, a month and a year.
    let date = unsafe curl_getdate(String(value), nil)
    return date == -1 ? nil : min(max(date - nowSeconds, 0), secondsMax)
  }
}
