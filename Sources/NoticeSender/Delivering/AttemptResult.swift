import Delivery

/// What came of an attempt, as coarse as a graph needs it.
enum AttemptResult: Int, CaseIterable, Sendable {
  case delivered, redirected, client, server, unreachable, refused, failed, other

  /// The label of a graph.
  var name: String {
    switch self {
    case .redirected: "3xx"
    case .client: "4xx"
    case .server: "5xx"
    default: "\(self)"
    }
  }

  init(_ outcome: DeliveryOutcome) {
    switch outcome {
    case .delivered: self = .delivered
    case .unreachable: self = .unreachable
    case .refused: self = .refused
    case .failed: self = .failed
    case .answered(let status, _, _):
      switch status {
      case 300..<400: self = .redirected
      case 400..<500: self = .client
      case 500..<600: self = .server
      default: self = .other
      }
    }
  }
}

/// How many attempts came to what.
struct AttemptCounts: Sendable {
  private var counts = Array(repeating: 0, count: AttemptResult.allCases.count)

  subscript(result: AttemptResult) -> Int {
    get { counts[result.rawValue] }
    set { counts[result.rawValue] = newValue }
  }
}
