#if Kafka
  import Foundation

  /// A ``MockCluster`` of one broker that is reached by TLS and SASL's PLAIN only: nginx ends TLS, with a certificate for
  /// `localhost`, and ``KafkaAuthentication`` asks for the password.
  package final class SecureMockCluster {
    package let cluster: MockCluster
    package let port: Int
    private let directory: TemporaryDirectory
    private let server: LoopbackServer
    private let nginx: ChildProcess

    /// Who signed the broker's certificate.
    package var authority: String { "\(directory.path)/authority.pem" }

    package init(user: String, password: String) throws {
      cluster = try MockCluster(brokers: 1)
      directory = try TemporaryDirectory()
      let port = try freePort()
      self.port = port
      guard let brokerPort = cluster.brokers.split(separator: ":").last.flatMap({ Int($0) }) else {
        throw TestFailure("no port in \(cluster.brokers)")
      }
      let authentication = KafkaAuthentication(
        user: user, password: password, brokerPort: brokerPort, shownPort: port)
      let server = try LoopbackServer { descriptor, _ in authentication.serve(descriptor) }
      try server.start()
      self.server = server
      try Certificates.makeSigned(days: 2, in: directory)
      try Self.configuration(port: port, behind: server.port).write(
        toFile: "\(directory.path)/nginx.conf", atomically: false, encoding: .utf8)
      let nginx = try ChildProcess(
        "/usr/bin/env",
        ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nginx", "-p", directory.path, "-c", "nginx.conf"]
          + ["-e", "error.log"],
        log: "\(directory.path)/log")
      self.nginx = nginx
      try eventually("nginx listens") {
        guard nginx.isRunning else { throw TestFailure("nginx: \(nginx.log)") }
        guard let connection = LoopbackServer.connect(to: port) else { return false }
        close(connection)
        return true
      }
    }

    deinit {
      nginx.stop(SIGKILL)
      server.end()
    }

    /// Debian has the module as a package of its own; where nginx was built with it, there is nothing to load.
    private static func configuration(port: Int, behind inner: Int) -> String {
      let module = "/usr/lib/nginx/modules/ngx_stream_module.so"
      return """
        \(FileManager.default.fileExists(atPath: module) ? "load_module \(module);" : "")
        daemon off; master_process off; pid nginx.pid; error_log error.log;
        events { worker_connections 256; }
        stream {
          server {
            listen 127.0.0.1:\(port) ssl;
            ssl_certificate server.pem; ssl_certificate_key server.key;
            proxy_pass 127.0.0.1:\(inner);
          }
        }
        """
    }
  }
#endif
