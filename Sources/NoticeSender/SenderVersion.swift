/// The version that this program says it is.
enum SenderVersion {
  static let text = "1.0.0"
  static let userAgent = "notice-sender/\(text)"
}
