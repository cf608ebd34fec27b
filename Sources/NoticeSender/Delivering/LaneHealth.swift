import Delivery
import Notice
import Spool
import SystemCalls

/// How a destination is, for those who are not its sender: `state/<destination>.health`, written when it changes.
struct LaneHealth: Sendable, Equatable, Codable {
  enum State: String, Sendable, Codable {
    case running, paused
  }

  var state = State.running
  /// When that began.
  var since: Timestamp
  /// Why it is paused.
  var reason: String?
  /// What a person can do about it.
  var advice: String?
  var nextAttemptAt: Timestamp?

  /// nil: it has none, or none that can be read.
  static func load(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls
  ) -> LaneHealth? {
    let file = file(destination, directory, system)
    guard let bytes = try? file.read(file.path) else { return nil }
    return try? SealedJSON.decode(LaneHealth.self, from: bytes)
  }

  static func file(
    _ destination: String, _ directory: SpoolDirectory, _ system: any SystemCalls
  ) -> AtomicFile {
    // Not ".json": that is what checkpoints end in, and a destination may be called "crm.health".
    AtomicFile("\(destination).health", in: directory.state, system)
  }

  /// What to do about a destination that an attempt with this outcome paused.
  static func advice(_ outcome: DeliveryOutcome) -> String {
    switch outcome {
    case .delivered: "nothing to do"
    case .unreachable: "see that it runs, and can be reached from this host"
    case .refused: "see what it says of the messages: several different ones were refused in a row"
    case .failed: "see the reason; it is tried again by itself"
    case .answered(let status, _, _):
      switch status {
      case 300..<400: "give the address that it redirects to: redirects are never followed"
      case 407: "give the proxy user and password, in http_proxy: http://USER:PASSWORD@HOST:PORT"
      case 401, 402, 403: "see that the credentials in the settings are right"
      case 404, 405, 406, 410, 421, 426, 501, 505:
        "see that the URL and the method in the settings are right"
      case 429, 502, 503, 504: "nothing to do: it has too much to do, and is tried again by itself"
      default: "see its own log: different messages fail one after the other"
      }
    }
  }
}
