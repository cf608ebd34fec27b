import Foundation
import TestSupport
import Testing

/// The ways in which a handler is started besides `--listen unix:PATH`.
struct StartTests {
  enum Way: String, CaseIterable {
    case descriptor0 = "on descriptor 0, by spawn-fcgi"
    case listenDescriptors = "on descriptor 3, by systemd's LISTEN_FDS"
    case port = "on a port"
  }

  @Test(arguments: Way.allCases)
  func `a handler serves nginx`(way: Way) throws {
    let deployment = try Deployment()
    let socket = "\(deployment.path)/run/handler.sock"
    let spawn = [try Programs.tool("spawn-fcgi"), "-n", "-s", socket, "--"]
    let environment = ["NOTICE_SPOOL": deployment.spool]
    let handler: ChildProcess
    switch way {
    case .descriptor0:
      handler = try deployment.startHandler(
        command: spawn + [Programs.handler], environment: environment
      ) { deployment.answers(socket) }
    case .listenDescriptors:
      let handOver =
        "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \(Programs.handler)"
      handler = try deployment.startHandler(
        command: spawn + ["/bin/sh", "-c", handOver], environment: environment
      ) { deployment.answers(socket) }
    case .port:
      let port = try freePort()
      let address = "127.0.0.1:\(port)"
      handler = try deployment.startHandler(
        command: [Programs.handler, "--listen", address], environment: environment
      ) { (try? RawConnection(port: port)) != nil }
      try deployment.pointNginx(at: [address])
    }
    try deployment.startNginx()
    let client = HTTPClient(port: deployment.port)
    for number in 0..<5 {
      let body = LoadClient.body(id: "\(number)", chat: "a")
      #expect(try client.send("GET", "/notice", body: body).status == 200)
    }
    #expect(try deployment.records().count == 5)
    #expect(handler.stop(SIGTERM) == 0)
  }
}
