import Foundation
import TestSupport

/// nginx with TLS and HTTP/2 on a free port, with a certificate of its own for `localhost` and its own authority for
/// clients. It answers 418 (below /delivered: 200) and says over which protocol it was asked and what it thinks of the client's certificate.
struct TLSReceiver {
  let directory: TemporaryDirectory
  let port: Int
  private let nginx: ChildProcess

  var certificate: String { "\(directory.path)/server.pem" }
  var clientCertificate: String { "\(directory.path)/client.pem" }
  var clientKey: String { "\(directory.path)/client.key" }

  init() throws {
    directory = try TemporaryDirectory()
    port = try freePort()
    try Self.makeCertificate("localhost", in: directory, name: "server")
    try Self.makeCertificate("client", in: directory, name: "client")
    let configuration = """
      daemon off; master_process off; pid nginx.pid; error_log error.log;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t;
        scgi_temp_path t;
        server {
          listen 127.0.0.1:\(port) ssl http2;
          ssl_certificate server.pem; ssl_certificate_key server.key;
          ssl_verify_client optional; ssl_client_certificate client.pem;
          location /delivered { return 200 "{}"; }
          location / { return 418 "$server_protocol $ssl_client_verify $connection"; }
        }
      }
      """
    try configuration.write(
      toFile: "\(directory.path)/nginx.conf", atomically: false, encoding: .utf8)
    nginx = try ChildProcess(
      "/usr/bin/env",
      ["nginx", "-p", directory.path, "-c", "nginx.conf", "-e", "error.log"],
      environment: ["PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"],
      log: "\(directory.path)/log")
    let process = nginx
    let pid = "\(directory.path)/nginx.pid"
    try eventually("nginx listens") {
      guard process.isRunning else { throw TestFailure("nginx: \(process.log)") }
      return FileManager.default.fileExists(atPath: pid)
    }
  }

  private static func makeCertificate(
    _ host: String, in directory: TemporaryDirectory, name: String
  ) throws {
    let openssl = try ChildProcess(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)",
        "-keyout", "\(directory.path)/\(name).key", "-out", "\(directory.path)/\(name).pem",
      ], log: "\(directory.path)/log")
    guard openssl.wait() == 0 else { throw TestFailure("openssl: \(openssl.log)") }
  }
}
