import Foundation
import SystemCalls
import TestSupport

/// The HTTP destinations of a crash test: every spool has targets of its own, `/<spool>/<destination>`. One message is refused
/// by the second destination for ever, another by the first as long as the spool is prepared.
final class CrashReceiver: Sendable {
  /// Refused by `first` while spools are prepared, and taken later.
  static let heals = "heals"
  /// Refused by `second` until it is healed.
  static let stays = "stays"
  /// Taken late while spools are prepared: what waits for it begins after the others have been refused.
  static let slow = "slow"

  /// What the names of spools begin with that are being prepared.
  static let template = "template"

  private let receiver: HTTPReceiver
  private let box: Box

  private final class Box: Sendable {
    /// By target, in the order in which it came.
    let taken = Monitor<[String: [[UInt8]]]>([:])
    let healed = Monitor<Set<String>>([])

    func answer(_ request: HTTPReceiver.Request) -> HTTPReceiver.Answer {
      let id = CrashReceiver.id(request.body)
      let spool = String(request.target.dropFirst().prefix { $0 != "/" })
      let isRefused =
        spool.hasPrefix(CrashReceiver.template) && request.target.hasSuffix("/first")
        && id == CrashReceiver.heals
        || request.target.hasSuffix("/second") && id == CrashReceiver.stays
          && !healed.withLock { $0.contains(spool) }
      if isRefused { return .status(422, body: "no such customer") }
      taken.withLock { $0[request.target, default: []].append(request.body) }
      let isSlow = spool.hasPrefix(CrashReceiver.template) && id == CrashReceiver.slow
      return isSlow ? .delayed(milliseconds: 1000, .ok) : .ok
    }
  }

  init() throws {
    let box = Box()
    receiver = try HTTPReceiver { request in box.answer(request) }
    self.box = box
  }

  func url(_ spool: String, _ destination: String) -> String {
    "\(receiver.url)/\(spool)/\(destination)"
  }

  /// What was taken there, in the order in which it came.
  func taken(_ spool: String, _ destination: String) -> [[UInt8]] {
    box.taken.withLock { $0["/\(spool)/\(destination)"] ?? [] }
  }

  /// From now on, what comes from this spool is refused no more.
  func heal(_ spool: String) { box.healed.withLock { _ = $0.insert(spool) } }

  static func body(id: String, chat: String, padding: Int = 0) -> [UInt8] {
    let padding = String(repeating: "x", count: padding)
    return Array(
      #"{"data":{"messageId":"\#(id)","chatId":"\#(chat)","payload":{"text":"你好 \ud83d\ude00","n":1.0e2,"n":\#(id.utf8.count)},"padding":"\#(padding)"}}"#
        .utf8)
  }

  /// Of a body that ``body(id:chat:padding:)`` made, as its client sent it.
  static func id(_ body: [UInt8]) -> String { string(2, of: body) }
  static func chat(_ body: [UInt8]) -> String { string(4, of: body) }

  /// Every other piece between quotes is a string: "data" is the first.
  private static func string(_ number: Int, of body: [UInt8]) -> String {
    let pieces = body.prefix(256).split(
      separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    let index = 2 * number + 1
    return index < pieces.count ? String(decoding: pieces[index], as: UTF8.self) : ""
  }
}
