/// Certificates of a test's own, made by openssl: files `NAME.pem` and `NAME.key` in a directory.
enum Certificates {
  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
  ]

  /// One that nobody else vouches for; it is its own authority.
  static func make(_ host: String, in directory: TemporaryDirectory, name: String) throws {
    try openssl(
      ["req", "-x509"] + newKey + [
        "-days", "2", "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)",
        "-keyout", "\(name).key", "-out", "\(name).pem",
      ], in: directory)
  }

  /// `server` for localhost, signed by `authority`. Below 0 days it is over.
  static func makeSigned(days: Int, in directory: TemporaryDirectory) throws {
    try make("authority", in: directory, name: "authority")
    try openssl(
      ["req"] + newKey + [
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", "server.key", "-out", "server.csr",
      ], in: directory)
    try openssl(
      [
        "x509", "-req", "-in", "server.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
        "-copy_extensions", "copy", "-days", "\(days)", "-out", "server.pem",
      ], in: directory)
  }

  private static func openssl(_ arguments: [String], in directory: TemporaryDirectory) throws {
    let openssl = try ChildProcess(
      "/usr/bin/env", ["-C", directory.path, "openssl"] + arguments, log: "\(directory.path)/log")
    guard openssl.wait() == 0 else { throw TestFailure("openssl: \(openssl.log)") }
  }
}
