import FastCGI

/// Which addresses are served: one path and all below it, wherever the web server says the path.
struct ServedPath: Sendable, Equatable {
  /// Begins with a slash and ends without one; empty for the root.
  private let prefix: String
  /// Whether a request for the program's own address as a script is served too: under plain CGI the web
  /// server has chosen this program by that address alone.
  private let servesScript: Bool

  /// nil where `text` is no path.
  init?(_ text: String, servesScript: Bool = false) {
    guard text.utf8.first == UInt8(ascii: "/"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    else { return nil }
    var prefix = text
    while prefix.utf8.last == UInt8(ascii: "/") { prefix.unicodeScalars.removeLast() }
    self.prefix = prefix
    self.servesScript = servesScript
  }

  var description: String { prefix.isEmpty ? "/" : prefix }

  /// The path that a request is for; nil where it is not served.
  ///
  /// `REQUEST_URI` is what the caller wrote. A web server that decodes or rewrites it says what became of it in
  /// `DOCUMENT_URI`, `SCRIPT_NAME` and `PATH_INFO`, and under CGI the path wanted may follow the script's.
  func match(_ request: any Request) -> NoticePath? {
    let written = request.parameter("REQUEST_URI")
    // Nearly always.
    if let match = written.flatMap({ NoticePath(uri: $0, below: prefix) }) { return match }
    let script = request.parameter("SCRIPT_NAME") ?? ""
    let info = request.parameter("PATH_INFO") ?? ""
    for case .some(let path) in [request.parameter("DOCUMENT_URI"), script + info, info] {
      if let match = NoticePath(path, below: prefix) { return match }
    }
    guard servesScript, !script.isEmpty else { return nil }
    return written.map { NoticePath(uri: $0, below: script) }
      ?? NoticePath(script + info, below: script)
  }
}
