/// Whose fault a failed attempt is at first sight: by the table of answers, before any evidence from other messages.
package enum Fault: Sendable, Equatable {
  /// The message's, and trying again will hardly help: 400 413 414 415 422 431 451, or refused outright.
  case messageForGood
  /// The message's, and trying again may help: 408 409 423 424 425 500, and codes that nobody has heard of.
  case messageForNow
  /// The destination's, by its settings or its address: 3xx 401 402 403 404 405 406 407 410 421 426 501 505.
  case destination
  /// The destination's, which has too much to do: 429 502 503 504.
  case overload
  /// The destination's, which does not answer, or says itself that it does not work.
  case unreachable

  /// nil: delivered.
  package init?(_ outcome: DeliveryOutcome) {
    switch outcome {
    case .delivered: return nil
    case .refused: self = .messageForGood
    case .failed, .unreachable: self = .unreachable
    case .answered(let status, _, _):
      switch status {
      case 400, 413, 414, 415, 422, 431, 451: self = .messageForGood
      case 300..<400, 401...407, 410, 421, 426, 501, 505: self = .destination
      case 429, 502, 503, 504: self = .overload
      default: self = .messageForNow
      }
    }
  }
}
