package import Delivery

extension ChatKey: ExpressibleByStringInterpolation {
  package init(stringLiteral name: String) {
    self.init(Array(name.utf8).span)
  }
}
