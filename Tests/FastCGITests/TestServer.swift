import Glibc
import SystemCalls
import TestSupport

@testable import FastCGI

/// A server on a Unix socket of its own in a temporary directory.
final class TestServer: Sendable {
  let directory: TemporaryDirectory
  let address: ListenAddress
  private let server: FastCGIServer
  private let thread: WorkerThread
  private let ending = Monitor<FastCGIServer.Ending?>(nil)

  convenience init(
    workers: Int = 2, workersMax: Int = 8, connectionsMax: Int = 1000, silenceSecondsMax: Int = 20,
    stopSecondsMax: Int = 20, lastAcceptMilliseconds: Int32 = 1000,
    system: any SystemCalls = LinuxSystemCalls(),
    respond: @escaping @Sendable (any Request) -> Response = TestServer.echo
  ) throws {
    try self.init(
      workers: workers, workersMax: workersMax, connectionsMax: connectionsMax,
      silenceSecondsMax: silenceSecondsMax, stopSecondsMax: stopSecondsMax,
      lastAcceptMilliseconds: lastAcceptMilliseconds, system: system,
      responder: { request, reply in reply(respond(request)) })
  }

  init(
    workers: Int = 2, workersMax: Int = 8, connectionsMax: Int = 1000, silenceSecondsMax: Int = 20,
    stopSecondsMax: Int = 20, lastAcceptMilliseconds: Int32 = 1000,
    system: any SystemCalls = LinuxSystemCalls(),
    responder: @escaping FastCGIServer.Responder
  ) throws {
    directory = try TemporaryDirectory()
    address = try ListenAddress("unix:\(directory.path)/s")
    var settings = FastCGIServer.Settings()
    settings.workers = workers
    settings.workersMax = workersMax
    settings.connectionsMax = connectionsMax
    settings.lastAcceptMilliseconds = lastAcceptMilliseconds
    settings.silenceSecondsMax = silenceSecondsMax
    settings.stopSecondsMax = stopSecondsMax
    let listener = try Listener(address, mode: 0o600, system: LinuxSystemCalls())
    let server = try FastCGIServer(
      listener, settings: settings, system: system, report: { _ in }, respond: responder)
    self.server = server
    thread = try WorkerThread(name: "server") { [ending] in
      let result = server.run()
      ending.withLock { $0 = result }
    }
  }

  func requestStop() { server.stop() }

  /// How the server ended, once it has.
  func stop() -> FastCGIServer.Ending? {
    server.stop()
    thread.join()
    return ending.withLock { $0 }
  }

  /// For workers that were abandoned.
  func join() { server.join() }

  func client() throws -> FastCGIClient { try FastCGIClient(address) }

  /// Answers with the body's length and start, or with what is wrong with the body.
  @Sendable static func echo(_ request: any Request) -> Response {
    let text =
      switch request.readBody(bytesMax: 1 << 20) {
      case .whole(let bytes):
        "whole \(bytes.count) \(String(decoding: bytes.prefix(20), as: UTF8.self))"
      case .cutShort(let bytes, let expected): "cut short \(bytes.count) of \(expected ?? -1)"
      case .tooLarge(let start, let expected): "too large \(start.count) of \(expected ?? -1)"
      }
    return plain("\(request.parameter("REQUEST_METHOD") ?? "no method") \(text)")
  }

  static func plain(_ text: String) -> Response {
    Response(.ok, contentType: "text/plain", body: Array(text.utf8))
  }
}
