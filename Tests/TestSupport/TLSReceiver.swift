import Foundation

/// nginx with TLS and HTTP/2 on a free port, with a certificate for `localhost` and its own authority for clients. It
/// answers 418 (below /delivered: 200) and says over which protocol it was asked and what it thinks of the client's
/// certificate.
package struct TLSReceiver {
  package enum Certificate: Sendable {
    /// Its own authority: ``TLSReceiver/certificate`` is a CA file for it.
    case selfSigned
    /// Signed by an authority: ``TLSReceiver/authority`` is a CA file for it.
    case signed
    /// Signed as above, and over since yesterday.
    case expired
  }

  package let directory: TemporaryDirectory
  package let port: Int
  private let nginx: ChildProcess

  package var url: String { "https://localhost:\(port)" }
  package var certificate: String { "\(directory.path)/server.pem" }
  package var authority: String { "\(directory.path)/authority.pem" }
  package var clientCertificate: String { "\(directory.path)/client.pem" }
  package var clientKey: String { "\(directory.path)/client.key" }

  package init(_ certificate: Certificate = .selfSigned) throws {
    directory = try TemporaryDirectory()
    port = try freePort()
    switch certificate {
    case .selfSigned: try Certificates.make("localhost", in: directory, name: "server")
    case .signed: try Certificates.makeSigned(days: 2, in: directory)
    case .expired: try Certificates.makeSigned(days: -1, in: directory)
    }
    try Certificates.make("client", in: directory, name: "client")
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
}
