import CCurl
import Glibc

/// libcurl's one-time set-up, done before the first handle of the process is made.
enum CurlLibrary {
  static func initialize() { _ = once }

  private static let once: Void = {
    guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else {
      fatalError("unable to initialize libcurl")
    }
    // CURLOPT_NOSIGNAL(3): libcurl then leaves it to the program that a TLS peer which went away does not end
    // the process.
    signal(SIGPIPE, SIG_IGN)
  }()
}
