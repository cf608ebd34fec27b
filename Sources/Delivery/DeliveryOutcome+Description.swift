extension DeliveryOutcome: CustomStringConvertible {
  /// For a person: what the destination said.
  package var description: String {
    switch self {
    case .delivered: "delivered"
    case .answered(let status, let retryAfterSeconds, let excerpt):
      "answered \(status)"
        + (retryAfterSeconds.map { ", to be tried again after \($0) s" } ?? "")
        + Self.shown(excerpt)
    case .unreachable(let reason), .refused(let reason), .failed(let reason): reason
    }
  }

  package var retryAfterSeconds: Int? {
    if case .answered(_, let seconds, _) = self { seconds } else { nil }
  }

  /// The first line of an answer, as far as it can be shown on one.
  private static func shown(_ excerpt: [UInt8]) -> String {
    let text = String(decoding: excerpt.prefix(200), as: UTF8.self)
      .unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
    return text.isEmpty ? "" : ": \(text)"
  }
}
