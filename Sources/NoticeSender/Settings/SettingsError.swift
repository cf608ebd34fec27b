/// Settings that are wrong, said so that they can be mended: each reason tells where it stands, what is wrong, what is
/// right.
struct SettingsError: Error, CustomStringConvertible {
  let reasons: [String]

  /// A line for each reason.
  var description: String { reasons.joined(separator: "\n") }

  init(_ reason: String) {
    reasons = [reason]
  }

  private init(reasons: [String]) {
    self.reasons = reasons
  }

  /// Does all of `parts`, whichever fail, and throws what all of them had to say: a person mends a file once.
  static func collect<Part>(
    _ parts: some Sequence<Part>, _ each: (Part) throws(SettingsError) -> Void
  ) throws(SettingsError) {
    var reasons: [String] = []
    for part in parts {
      do throws(SettingsError) {
        try each(part)
      } catch {
        reasons += error.reasons
      }
    }
    if !reasons.isEmpty { throw SettingsError(reasons: reasons) }
  }
}
