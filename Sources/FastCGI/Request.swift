/// What a web server passes on, by FastCGI or as a plain CGI environment: named parameters, and a body
/// that is read only when it is asked for. Used by one thread, and valid until it is answered.
package protocol Request {
  /// The parameter of that name (`REQUEST_METHOD`, `QUERY_STRING`, …); what is not UTF-8 in it becomes
  /// U+FFFD.
  func parameter(_ name: StaticString) -> String?

  /// The body, asked for once at most. What lies beyond `bytesMax` is never held in memory.
  func readBody(bytesMax: Int) -> RequestBody
}
