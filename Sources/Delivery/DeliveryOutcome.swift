/// What became of one attempt to deliver one record, as the destination tells it. Whose fault it is, and what to do,
/// is decided elsewhere.
package enum DeliveryOutcome: Sendable, Equatable {
  /// The destination has the record.
  case delivered
  /// An HTTP answer other than 2xx. `retryAfterSeconds` is the wait that it asks for, in full; `excerpt` the beginning of
  /// its body, for a person to read.
  case answered(status: Int, retryAfterSeconds: Int?, excerpt: [UInt8])
  /// No answer at all: name not found, refused, TLS, time-out.
  case unreachable(reason: String)
  /// The destination works and will never take this record.
  case refused(reason: String)
  /// The destination does not work at the moment.
  case failed(reason: String)

  /// Bytes of an answer's body that are kept.
  package static let excerptBytesMax = 4096
}
