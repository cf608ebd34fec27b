import Delivery

/// What came of an attempt, as coarse as a graph needs it.
enum AttemptResult: String, CaseIterable, Sendable {
  case delivered
  case redirected = "3xx"
  case client = "4xx"
  case server = "5xx"
  case unreachable, refused, failed
  case other

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
