/// In which order messages reach a destination.
package enum DeliveryOrder: String, Sendable, CaseIterable {
  /// Within each chat as they came; chats side by side.
  case chat
  /// All as they came, one at a time.
  case strict
  /// As fast as they go.
  case none
}
