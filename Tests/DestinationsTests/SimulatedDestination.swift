import Delivery
import Destinations
import Foundation
import Notice
import Synchronization
import TestSupport

/// An HTTP destination that is asked in simulated time and answers by real exchanges over real sockets, well or with one kind
/// of trouble. Once enough of them came out the same, the rest of a month's are taken to do so too.
final class SimulatedDestination {
  enum Trouble: Sendable {
    case answer(HTTPReceiver.Answer)
    /// To a place that answers 200.
    case redirect(Int)
    /// Nobody listens on the port.
    case refused
    case nameNotFound
    /// One that nobody vouches for.
    case certificate
  }

  private final class State: Sendable {
    let isFailing = Atomic(false)
  }

  private let state = State()
  private let trouble: Trouble
  private let receiver: HTTPReceiver
  private let elsewhere: HTTPReceiver
  private var tls: TLSReceiver?
  private let failing: HTTPDestination
  /// The same one, unless a person has to change its settings.
  private let healthy: HTTPDestination
  private let record: NoticeRecord
  private var exchanged: [Bool: [DeliveryOutcome]] = [:]

  private static let exchangesMax = 25

  init(_ trouble: Trouble) throws {
    self.trouble = trouble
    record = try TestRecord.of("{}")
    let elsewhere = try HTTPReceiver()
    self.elsewhere = elsewhere
    let state = state
    var listens = true
    if case .refused = trouble { listens = false }
    receiver = try HTTPReceiver(listens: listens) { _ in
      guard state.isFailing.load(ordering: .relaxed) else { return .ok }
      return switch trouble {
      case .answer(let answer): answer
      case .redirect(let status): .status(status, headers: ["Location: \(elsewhere.url)/"])
      case .refused, .nameNotFound, .certificate: .ok
      }
    }
    var settings = HTTPSettings(url: receiver.url, body: .record, userAgent: "test")
    settings.timeoutSeconds = Self.isSlow(trouble) ? 6 : 60
    var mended = settings
    switch trouble {
    case .answer, .redirect, .refused: break
    case .nameNotFound: settings.url = "http://nothing.invalid/"
    case .certificate:
      let tls = try TLSReceiver()
      self.tls = tls
      settings.url = "https://localhost:\(tls.port)/delivered"
      mended = settings
      mended.caFile = tls.certificate
    }
    failing = try HTTPDestination(settings)
    healthy = settings == mended ? failing : try HTTPDestination(mended)
  }

  /// What comes of an attempt now, while the destination is well or in trouble.
  func outcome(failing isFailing: Bool) -> DeliveryOutcome {
    let known = exchanged[isFailing] ?? []
    let enough = isFailing && Self.isSlow(trouble) ? 1 : Self.exchangesMax
    if known.count >= enough, let last = known.last { return last }
    state.isFailing.store(isFailing, ordering: .relaxed)
    if case .refused = trouble, !isFailing, known.isEmpty { try? receiver.listen() }
    let destination = isFailing ? failing : healthy
    let outcome = destination.outcome(of: record) ?? .failed(reason: "no outcome")
    exchanged[isFailing, default: []].append(outcome)
    return outcome
  }

  /// What the real exchanges came to, each result once.
  func outcomes(failing isFailing: Bool) -> [DeliveryOutcome] {
    (exchanged[isFailing] ?? []).reduce(into: []) { all, outcome in
      if !all.contains(outcome) { all.append(outcome) }
    }
  }

  func exchangeCount(failing isFailing: Bool) -> Int { exchanged[isFailing]?.count ?? 0 }

  /// How often a redirect was followed.
  var followed: Int { elsewhere.requestCount }

  /// Whether an exchange lasts until a time runs out.
  private static func isSlow(_ trouble: Trouble) -> Bool {
    switch trouble {
    case .answer(.silence), .answer(.slowHeader), .answer(.endlessBody), .nameNotFound: true
    default: false
    }
  }
}
