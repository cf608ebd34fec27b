import FastCGI
import JSONText
import Notice
import Spool
import SystemCalls

/// Answers a request: 200 only after its notice is as durable as the settings say; what is refused for its
/// body is kept in quarantine with the reason.
struct Intake: Sendable {
  private let admission: Admission
  private let tokens: SecretSet
  private let bodyBytesMax: Int
  private let acceptsEmptyBody: Bool
  private let directory: SpoolDirectory
  private let writer: SpoolWriter
  private let quarantine: Quarantine
  private let syncsQuarantine: Bool
  private let system: any SystemCalls
  private let log: Log

  init(_ settings: HandlerSettings, _ system: any SystemCalls, _ log: Log) {
    admission = Admission(servedPath: settings.path, keys: settings.keys)
    tokens = settings.tokens
    bodyBytesMax = settings.bodyBytesMax
    acceptsEmptyBody = settings.acceptsEmptyBody
    directory = SpoolDirectory(settings.spool)
    writer = SpoolWriter(directory, settings.writing, system)
    quarantine = Quarantine(.refused, directory, settings.writing, system)
    syncsQuarantine = settings.writing.durability == .sync
    self.system = system
    self.log = log
  }

  /// Whether the largest notice that is taken would find its place: does all that it takes, but leaves no record behind.
  func probe() -> SpoolWriteError? {
    writer.probe(bytes: bodyBytesMax + Self.recordBytesMax)
  }

  /// What a record has besides its body, path and user agent of unusual length among it.
  private static let recordBytesMax = 16 << 10

  /// Calls `reply` once: before it returns where nobody else is writing to the spool, otherwise perhaps from another thread
  /// that is not to be kept waiting.
  func respond(to request: any Request, reply: @escaping FastCGIServer.Reply) {
    switch admission.decide(on: request) {
    case .refused(let refusal): reply(refusal.response)
    case .admitted(let received):
      do throws(Refusal) {
        guard let line = try line(for: request.readBody(bytesMax: bodyBytesMax), of: received)
        else { return reply(Self.taken) }
        writer.append(line) { [log] error in
          reply(error.map { Self.notDurable($0, log) } ?? Self.taken)
        }
      } catch {
        keep(error, of: received)
        reply(error.response)
      }
    }
  }

  private static let taken = Response(
    .ok, contentType: "application/json", body: Array("{}".utf8))

  private static func notDurable(_ error: SpoolWriteError, _ log: Log) -> Response {
    log.repeatable(.error, "unable to append to the spool: \(error.advised)")
    return Refusal.notDurable(diskIsFull: error.isFull).response
  }

  /// What goes into the spool; nil: nothing, and that is as it should be.
  private func line(
    for body: RequestBody, of request: ReceivedRequest
  ) throws(Refusal) -> [UInt8]? {
    switch body {
    case .tooLarge(let start, let bytes):
      throw .tooLarge(start: start, bytes: bytes, bytesMax: bodyBytesMax)
    case .cutShort(let bytes, let expected): throw .cutShort(bytes, expected: expected)
    case .whole(let bytes) where bytes.isEmpty:
      guard acceptsEmptyBody else { throw .empty(method: request.method) }
      return nil
    case .whole(let bytes): return try line(for: bytes, of: request)
    }
  }

  private func line(
    for bytes: [UInt8], of request: ReceivedRequest
  ) throws(Refusal) -> [UInt8] {
    let text: JSONText
    do throws(JSONTextError) {
      text = try JSONText(validating: bytes, finding: NoticeKind.bodyPaths)
    } catch {
      throw .notJSON(bytes, error)
    }
    guard tokens.isEmpty || tokens.contains((NoticeKind.token(of: text) ?? "").utf8) else {
      throw .otherToken
    }
    return NoticeRecord.line(
      for: text, kind: NoticeKind(of: text), request: request,
      receivedAt: system.realtimeNanoseconds(), random: system.random())
  }

  private func keep(_ refusal: Refusal, of request: ReceivedRequest) {
    guard let (bytes, total) = refusal.kept else { return }
    let entry = QuarantineEntry(
      reason: refusal.detail, bytes: bytes,
      origin: .request(
        request, status: refusal.status.rawValue, problem: refusal.reason, bytesTotal: total))
    do throws(SystemCallError) {
      // A spool of a later version is left alone.
      guard try SpoolFormat.later(in: directory, system) == nil else { return }
      try quarantine.keep(entry, syncing: syncsQuarantine)
    } catch {
      log.repeatable(.warning, "unable to keep a refused request: \(error)")
    }
  }
}
