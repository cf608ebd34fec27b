/// Whether a part of a URL's path looks like a secret: some services put a key there (…/hook/0c6f9c1e-…).
package enum SecretLook {
  private static let bytesMin = 16

  package static func isSecret(_ part: some StringProtocol) -> Bool {
    part.utf8.count >= bytesMin && part.utf8.contains { (0x30...0x39).contains($0) }
  }
}
